import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { Failure } from '../../core/failure.ts'
import { flattenSettings, readSettings, type SettingsOf } from '../../core/settings.ts'
import type { Policy } from './policy.ts'
import { type EdgesReach, edgesSettings } from './reach-text.ts'

export interface Edges {
  /** The latest policy that any of them has in force. Fails with `edge-unreachable`. */
  read(): Promise<{ readonly policy: Policy; readonly url: string }>
  /** Tells every address at once. Fails with `edge-unreachable` or `policy-refused`. */
  put(policy: Policy): Promise<EdgesReach>
  /** Goes back one step where the latest is in force, and tells the others. */
  revert(): Promise<EdgesReach>
}

// An edge answers a change within a second; this machine and that one may be busy.
const answerWithinMs = 15_000
/** How much later than the first to answer the others may be. */
const laterByMs = 500

/** The words and flags of a command that speaks to running edges; `more` are its own flags. */
export function readEdgesArguments(argv: readonly string[], more: readonly string[] = []) {
  const named = Object.keys(edgesSettings).map((name) => [name, { type: 'string' as const }])
  const own = more.map((name) => [name, { type: 'string' as const, multiple: true }])
  const options = Object.fromEntries([...named, ...own])
  let parsed: { values: Record<string, unknown>; positionals: string[] }
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (error) {
    return { kind: 'refused', problems: [(error as Error).message] } as const
  }
  const { values, positionals } = parsed
  const given = Object.fromEntries(Object.entries(values).filter(([name]) => !more.includes(name)))
  const reading = readSettings(edgesSettings, given)
  if (reading.kind === 'refused') return reading
  return { kind: 'ok', settings: reading.settings, positionals, values } as const
}

/** The edges that a command is about. Fails with `settings-unreadable`. */
export function openEdges(settings: SettingsOf<typeof edgesSettings>): Edges {
  const file = settings.config === undefined ? {} : readConfig(settings.config)
  const { 'operations.host': host = '127.0.0.1', 'operations.port': port = 8081 } = file
  const own = `http://${host as string}:${port as number}`
  const urls = (settings.at ?? own).split(',').map((url) => url.trim().replace(/\/$/, ''))
  const token = tokenOf(settings['token-file'], file['keys.folder'])
  const call = (url: string, path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}${path}`, {
      ...init,
      headers: { 'content-type': 'application/json', ...token },
      signal: AbortSignal.timeout(answerWithinMs),
    })
  const read: Edges['read'] = async () => {
    const asked = urls.map(async (url) => {
      return { url, policy: await policyAt(await call(url, '/policy')) }
    })
    // One that stands still must not keep the others from a bypass.
    await Promise.any(asked).catch(() => undefined)
    const late = sleep(laterByMs, undefined, { ref: false }).then(() => {
      throw new Error('no answer yet')
    })
    const found = await Promise.allSettled(asked.map((one) => Promise.race([one, late])))
    const answered = found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const latest = answered.sort((a, b) => b.policy.version - a.policy.version)[0]
    if (latest !== undefined) return latest
    throw unreachable(found.flatMap((one, i) => reasonOf(one, urls[i])))
  }
  const put: Edges['put'] = async (policy) => {
    const body = JSON.stringify(policy)
    const told = await Promise.allSettled(
      urls.map(async (url) => reachAt(await call(url, '/policy', { method: 'PUT', body }))),
    )
    return together(told, urls)
  }
  return {
    read,
    put,
    revert: async () => {
      const { url } = await read()
      await reachAt(await call(url, '/policy/revert', { method: 'POST' }))
      return put((await read()).policy)
    },
  }
}

type Reach = Omit<EdgesReach, 'unreachable'>

async function policyAt(response: Response): Promise<Policy> {
  if (!response.ok) throw new Error(await problemIn(response))
  return (await response.json()) as Policy
}

async function reachAt(response: Response): Promise<Reach> {
  if (response.ok) return (await response.json()) as Reach
  const message = await problemIn(response)
  throw new Failure({ code: 'policy-refused', message, source: 'client' })
}

async function problemIn(response: Response): Promise<string> {
  const given = (await response.json()) as { error?: string; problems?: readonly string[] }
  return given.problems?.join('\n') ?? given.error ?? `status ${response.status}`
}

/** A refusal by one is the answer; who cannot be reached is said beside what was. */
function together(told: readonly PromiseSettledResult<Reach>[], urls: readonly string[]) {
  const done = told.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const refusal = told.find((one) => one.status === 'rejected' && one.reason instanceof Failure)
  if (refusal?.status === 'rejected') throw refusal.reason
  const lost = told.flatMap((one, i) => reasonOf(one, urls[i]))
  const [first] = done
  if (first === undefined) throw unreachable(lost)
  const reached = new Set(done.flatMap((one) => one.reached))
  const notReached = new Set(done.flatMap((one) => one.notReached))
  return {
    version: first.version,
    reached: [...reached],
    notReached: [...notReached].filter((name) => !reached.has(name)),
    isTold: done.some(({ isTold }) => isTold),
    unreachable: lost,
  }
}

function reasonOf(result: PromiseSettledResult<unknown>, url = ''): string[] {
  if (result.status === 'fulfilled') return []
  const { cause, message } = result.reason as Error & { cause?: { code?: string } }
  return [`${url}: ${cause?.code ?? message}`]
}

function unreachable(reasons: readonly string[]): Failure {
  const message = `--at: expected an edge that answers, found none: ${reasons.join('; ')}.`
  return new Failure({ code: 'edge-unreachable', message, source: 'client' })
}

function readConfig(file: string): Record<string, unknown> {
  try {
    return flattenSettings(parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw unreadable(`--config: cannot read ${file}`, cause)
  }
}

function tokenOf(file: string | undefined, keysFolder: unknown): Record<string, string> {
  const from = file ?? (typeof keysFolder === 'string' && join(keysFolder, 'operations.token'))
  // Reading may need none; the edge says so when it does.
  if (!from) return {}
  try {
    return { authorization: `Bearer ${readFileSync(from, 'utf8').trim()}` }
  } catch (cause) {
    throw unreadable(`--token-file: cannot read ${from}`, cause)
  }
}

function unreadable(what: string, cause: unknown): Failure {
  const message = `${what} (${(cause as Error).message.split('\n', 1)[0]}).`
  return new Failure({ code: 'settings-unreadable', message, source: 'client', cause })
}
