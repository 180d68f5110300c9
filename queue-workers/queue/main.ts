import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { deadLetterReasons } from '../write-job.ts'

const usage = `Usage: ecluse queue ACTION --url URL --keys FOLDER [--by NAME]

  status              what is owed, since when, and whether the queue is paused
  list                the dead letters: number, reason, class and times, never what was written
  pause               apply nothing more for now; writes are still taken and receipted
  resume              go on
  drain [--seconds N] wait until nothing is owed; 1 when N seconds (default 600) were not enough
  redrive ID…         put these dead letters into their mailboxes again
  redrive --reason R  all of one reason: ${deadLetterReasons.join(', ')}
  audit               who did what to the queue

URL is a worker's status port (workers.port), FOLDER the edge's keys (internal.token).
`

/** Command `queue`: what operators may do to absorbed writes. Everything that changes is audited. */
export async function main(argv: readonly string[]): Promise<number> {
  let asked: Asked | string
  try {
    asked = read(argv)
  } catch (error) {
    return refuse(`${(error as Error).message}\n\n${usage}`)
  }
  if (typeof asked === 'string') return asked === usage ? say(usage) : refuse(asked)
  try {
    return await actions[asked.action](asked)
  } catch (error) {
    process.stderr.write(`ecluse queue: ${(error as Error).message}\n`)
    return error instanceof Unreachable ? 6 : 1
  }
}

class Unreachable extends Error {}

interface Asked {
  readonly action: Action
  readonly ids: readonly string[]
  readonly url: string
  readonly token: string
  readonly by: string
  readonly reason: string | undefined
  readonly seconds: number
}

const options = {
  url: { type: 'string' },
  keys: { type: 'string' },
  by: { type: 'string', default: 'unnamed' },
  reason: { type: 'string' },
  seconds: { type: 'string', default: '600' },
  help: { type: 'boolean', default: false },
} as const

function read(argv: readonly string[]): Asked | string {
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
  if (values.help) return usage
  const [action = '', ...ids] = positionals
  const { url, keys, by, reason } = values
  if (!isAction(action)) return `expected an action, found "${action}".\n\n${usage}`
  if (url === undefined || keys === undefined) return `--url and --keys: expected both.\n\n${usage}`
  if (!/^[\p{L}\d .-]{1,64}$/u.test(by)) return '--by: expected at most 64 letters and digits.\n'
  const isKnown = reason === undefined || (deadLetterReasons as readonly string[]).includes(reason)
  if (!isKnown) return `--reason: expected one of ${deadLetterReasons.join(', ')}.\n`
  if (action === 'redrive' && (ids.length === 0) === (reason === undefined))
    return 'redrive: expected numbers of dead letters, or --reason.\n'
  const seconds = Number(values.seconds)
  if (!(seconds >= 1 && seconds <= 86_400)) return '--seconds: expected 1 to 86400.\n'
  let token: string
  try {
    token = readFileSync(join(keys, 'internal.token'), 'utf8').trim()
  } catch {
    return `--keys: expected the keys of the edge, cannot read ${join(keys, 'internal.token')}.\n`
  }
  return { action, ids, url, token, by, reason, seconds }
}

const actions = {
  status: async (asked: Asked) => say(await textOf(asked, 'GET', '/stats')),
  list: async (asked: Asked) => say(await textOf(asked, 'GET', '/dead-letters')),
  audit: async (asked: Asked) => say(await textOf(asked, 'GET', '/queue/audit')),
  pause: async (asked: Asked) => say(await textOf(asked, 'POST', '/queue/pause')),
  resume: async (asked: Asked) => say(await textOf(asked, 'POST', '/queue/resume')),
  redrive: async (asked: Asked) => {
    if (asked.reason !== undefined)
      return say(await textOf(asked, 'POST', `/dead-letters/redrive/${asked.reason}`))
    for (const id of asked.ids)
      say(`${id} ${await textOf(asked, 'POST', `/dead-letters/${id}/redrive`)}`)
    return 0
  },
  drain,
} as const satisfies Record<string, (asked: Asked) => Promise<number>>
type Action = keyof typeof actions

function isAction(text: string): text is Action {
  return Object.hasOwn(actions, text)
}

async function drain(asked: Asked): Promise<number> {
  for (let second = 0; second < asked.seconds; second += 1) {
    const { backlog, isPaused } = JSON.parse(await textOf(asked, 'GET', '/stats')) as {
      readonly backlog: number
      readonly isPaused: boolean
    }
    if (backlog === 0) return say('nothing is owed\n')
    if (isPaused) throw new Error('the queue is paused, nothing will be applied; resume it first.')
    if (second % 10 === 0) say(`${backlog} owed\n`)
    await delay(1_000)
  }
  throw new Error(`writes are still owed after ${asked.seconds} seconds.`)
}

async function textOf(asked: Asked, method: 'GET' | 'POST', path: string): Promise<string> {
  const headers = { 'ecluse-internal': asked.token, 'ecluse-operator': encodeURI(asked.by) }
  let answer: Response
  try {
    answer = await fetch(new URL(path, asked.url), { method, headers })
  } catch (cause) {
    throw new Unreachable(`--url: expected a worker at ${asked.url}, nobody answers.`, { cause })
  }
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${asked.action}: the worker answered ${answer.status} ${text}`)
  return text
}

function say(text: string): number {
  process.stdout.write(text)
  return 0
}

function refuse(text: string): number {
  process.stderr.write(`ecluse queue: ${text}`)
  return 2
}
