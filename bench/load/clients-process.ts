import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure } from '../../core/failure.ts'
import { loadCore } from '../cache/server-process.ts'
import type { EngineFigures, EngineJob } from './engine-job.ts'

/** What one client measured in one round; null where it does not say. */
export interface ClientRound {
  readonly requestsPerSecond: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly p999Ms: number | null
}

/** How the others are asked: closed loops, or a rate where the tool knows one. */
export interface Ask {
  readonly target: string
  readonly seconds: number
  readonly connections: number
  /** Requests in that time, evenly spread; as fast as they go when absent. */
  readonly arrivals?: number
}

/** A load tool on the load's core. */
export type Client = (ask: Ask) => Promise<ClientRound>

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** Plays a job on our engine. */
export async function engine(job: EngineJob): Promise<EngineFigures> {
  const text = await printed(process.execPath, [here('engine-process.ts'), JSON.stringify(job)])
  return JSON.parse(text) as EngineFigures
}

/** autocannon from `folder`, where it was installed; it corrects for a rate by itself, as shipped. */
export function autocannonIn(folder: string): Client {
  return async ({ target, seconds, connections, arrivals }) => {
    const script = join(folder, 'node_modules/autocannon/autocannon.js')
    const paced =
      arrivals === undefined ? [] : ['--overallRate', String(Math.round(arrivals / seconds))]
    const load = ['-c', String(connections), '-d', String(seconds), ...paced]
    const text = await printed(process.execPath, [
      script,
      '--json',
      '-n',
      ...load,
      `${target}/page`,
    ])
    const { requests, latency } = JSON.parse(text) as {
      readonly requests: { readonly average: number }
      readonly latency: { readonly p50: number; readonly p99: number; readonly p99_9: number }
    }
    return {
      requestsPerSecond: requests.average,
      p50Ms: latency.p50,
      p99Ms: latency.p99,
      p999Ms: latency.p99_9,
    }
  }
}

/** wrk: a closed loop whatever is asked; it has no rate. */
export const wrk: Client = async ({ target, seconds, connections }) => {
  const load = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', here('wrk.lua')]
  const text = await printed('wrk', [...load, `${target}/page`])
  const found = figuresIn(text) as Required<ClientRound> & {
    readonly requests: number
    readonly durationUs: number
  }
  return { ...found, requestsPerSecond: (found.requests * 1e6) / found.durationUs }
}

export const hey: Client = async ({ target, seconds, connections }) => {
  const load = ['-cpus', '1', '-z', `${seconds}s`, '-c', String(connections)]
  const text = await printed('hey', [...load, `${target}/page`])
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1])
  return { requestsPerSecond: rate, p50Ms: null, p99Ms: null, p999Ms: null }
}

/** undici's `dispatch` without anything around it. */
export const undici: Client = async ({ target, seconds, connections }) => {
  const parameters = [target, String(connections), String(seconds)]
  const text = await printed(process.execPath, [here('undici-process.ts'), ...parameters])
  const { requests } = JSON.parse(text) as { readonly requests: number }
  return { requestsPerSecond: requests / seconds, p50Ms: null, p99Ms: null, p999Ms: null }
}

/** Writes its summary into `folder`. */
export function k6In(folder: string): Client {
  return async ({ target, seconds, connections, arrivals }) => {
    const summary = join(folder, 'k6.json')
    const facts = {
      TARGET: target,
      ROW: arrivals === undefined ? 'speed' : 'accuracy',
      SECONDS: String(seconds),
      ARRIVALS: String(arrivals ?? 0),
      USERS: String(connections),
    }
    const variables = Object.entries(facts).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    const quiet = ['run', '--quiet', '--no-usage-report', '--summary-export', summary]
    await printed('k6', [...quiet, ...variables, here('k6.js')])
    const { metrics } = JSON.parse(readFileSync(summary, 'utf8')) as {
      readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>
    }
    const duration = metrics['http_req_duration'] ?? {}
    return {
      requestsPerSecond: metrics['http_reqs']?.['rate'] ?? Number.NaN,
      p50Ms: duration['p(50)'] ?? null,
      p99Ms: duration['p(99)'] ?? null,
      p999Ms: duration['p(99.9)'] ?? null,
    }
  }
}

/** Is it on the path? */
export function isThere(command: string): boolean {
  return spawnSync('which', [command], { stdio: 'ignore' }).status === 0
}

function figuresIn(text: string): unknown {
  const line = /^FIGURES (.*)$/m.exec(text)?.[1]
  if (line === undefined) throw notMeasured('wrk', `no figures in ${text}`)
  return JSON.parse(line)
}

/** What a command printed that ran on the load's core and ended well. */
async function printed(command: string, parameters: readonly string[]): Promise<string> {
  const child = spawn('taskset', ['-c', String(loadCore), command, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // One thread of Go for one core, as k6 and hey would find on such a machine.
    env: { ...process.env, NODE_OPTIONS: '', GOMAXPROCS: '1' },
  })
  const [text, complaint, [code]] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    once(child, 'exit'),
  ])
  if (code !== 0) throw notMeasured(command, `exit code ${code}: ${complaint.join('').slice(-500)}`)
  return text.join('')
}

function notMeasured(command: string, found: string): Failure {
  const message = `${command}: expected figures, found ${found}`
  return new Failure({ code: 'not-measured', message, source: 'gateway' })
}
