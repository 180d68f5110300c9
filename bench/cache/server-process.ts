import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { Failure } from '../../core/failure.ts'

/** The core that servers under test have for themselves; everything else runs on the other. */
export const serverCore = 0
export const loadCore = 1

/** This process plays clients and origins: it belongs to the load's core. */
export function pinToLoadCore(): void {
  spawnSync('taskset', ['-apc', String(loadCore), String(process.pid)], { stdio: 'ignore' })
}

/** A server under test, with whatever processes it started. */
export interface PinnedServer {
  readonly name: string
  /** What it printed so far. */
  readonly printed: () => string
  /** Stops its processes where they stand, so that it takes nothing from others. */
  pause(): void
  resume(): void
  /** Nanoseconds its processes have had a core. */
  coreNs(): number
  /** Memory of its largest process, resident, in MB. */
  residentMb(): number
  end(): Promise<void>
}

/** Starts a command on one core. */
export function startPinned(
  name: string,
  core: number,
  [command, ...parameters]: readonly [string, ...string[]],
): PinnedServer {
  const child = spawn('taskset', ['-c', String(core), command, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const exited = once(child, 'exit')
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (part: string) => (text = (text + part).slice(-4000)))
  const all = (): number[] => familyOf(child.pid as number)
  const signal = (which: NodeJS.Signals): void => all().forEach((pid) => signalTo(pid, which))
  return {
    name,
    printed: () => text,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    coreNs: () => sum(all().map(coreNsOf)),
    residentMb: () => Math.max(...all().map(residentMbOf)),
    async end() {
      signal('SIGCONT')
      if (child.exitCode === null && child.signalCode === null) await ended(child, exited)
    },
  }
}

/** Waits until the server has printed what it prints when it is ready, or answers at a port. */
export async function ready(server: PinnedServer, isReady: () => Promise<boolean>): Promise<void> {
  const latestMs = performance.now() + 10_000
  while (performance.now() < latestMs) {
    if (await isReady()) return
    await setTimeout(20)
  }
  throw new Failure({
    code: 'part-failed',
    message: `${server.name} was not ready within 10 s; it said:\n${server.printed()}`,
    source: 'gateway',
  })
}

/** A port that nobody listens at just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function ended(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM')
  const late = new AbortController()
  const killed = setTimeout(5_000, undefined, { signal: late.signal }).then(
    () => child.kill('SIGKILL'),
    // It ended in time.
    () => undefined,
  )
  await exited
  late.abort()
  await killed
}

function familyOf(pid: number): number[] {
  const children = textOf(`/proc/${pid}/task/${pid}/children`)
  return [pid, ...children.split(' ').filter(Boolean).map(Number).flatMap(familyOf)]
}

function coreNsOf(pid: number): number {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`)
    return sum(
      tasks.map((task) => Number(textOf(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0])),
    )
  } catch {
    // It has just ended; what it used is lost to us.
    return 0
  }
}

function residentMbOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0) / 1024
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The process has ended.
    return ''
  }
}

function signalTo(pid: number, which: NodeJS.Signals): void {
  try {
    process.kill(pid, which)
  } catch {
    // It has ended.
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
