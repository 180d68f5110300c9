import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Failure } from '../../core/failure.ts'

/** One process of the rehearsal. Each ends by itself when its standard input closes: with us. */
export interface Part {
  readonly name: string
  /** What it said when it was ready: its addresses. */
  readonly ready: Readonly<Record<string, string>>
  /** Lines it prints after it was ready. */
  onLine(listener: (line: string) => void): void
  signal(name: 'SIGINT'): void
  readonly exited: Promise<PartExit>
}

export interface PartExit {
  readonly code: number | null
  readonly signal: string | null
  /** The end of what it wrote to standard error. */
  readonly lastWords: string
}

/** The processes of a rehearsal: started here, and ended here whatever happens. */
export interface Cast {
  /** Starts a process and waits for its line of JSON; fails with `part-failed` and its last words. */
  start(part: PartSpec): Promise<Part>
  /** Ends one part: asks, waits five seconds, then kills. Not a failure any more. */
  end(part: Part): Promise<void>
  /** Ends all parts, the last started first. */
  endAll(): Promise<void>
  /** Rejects when a part ends that nobody asked to. */
  readonly broken: Promise<never>
}

export interface PartSpec {
  readonly name: string
  readonly command: string
  readonly parameters: readonly string[]
  /** For programs that say nothing on standard output: ready when this line stands on it. */
  readonly readyLine?: RegExp
  /** A part that says nothing when it starts and ends by itself when its work is done. */
  readonly mayEnd?: boolean
}

const readyWithinMs = 20_000
const endWithinMs = 8_000

/** An empty cast. */
export function buildCast(): Cast {
  const running: { part: Part; child: ChildProcess }[] = []
  const expected = new Set<Part>()
  let breakCast: (failure: Failure) => void = () => undefined
  const broken = new Promise<never>((_, reject) => {
    breakCast = reject
  })
  // Whoever waits on `broken` hears of it; without one it must not end the process by itself.
  broken.catch(() => undefined)

  const end = async (part: Part): Promise<void> => {
    expected.add(part)
    const found = running.findIndex((one) => one.part === part)
    if (found === -1) return
    const [{ child }] = running.splice(found, 1) as [{ part: Part; child: ChildProcess }]
    child.stdin?.end()
    killGroup(child, 'SIGTERM')
    const late = setTimeout(() => killGroup(child, 'SIGKILL'), endWithinMs)
    await part.exited
    clearTimeout(late)
  }

  return {
    broken,
    end,
    async start(spec) {
      // A group of its own: Ctrl-C reaches us alone, and we end the parts in order.
      const child = spawn(spec.command, [...spec.parameters], {
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
      })
      const { part, ready } = watch(child, spec)
      running.push({ part, child })
      void part.exited.then((exit) => {
        if (!expected.has(part) && !(spec.mayEnd && exit.code === 0)) {
          breakCast(partFailure(spec.name, exit))
        }
      })
      await ready
      return part
    },
    async endAll() {
      while (running.length > 0) await end((running.at(-1) as { part: Part }).part)
    },
  }
}

function watch(child: ChildProcess, spec: PartSpec): { part: Part; ready: Promise<void> } {
  const facts: Record<string, string> = {}
  const listeners: ((line: string) => void)[] = []
  let lastWords = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-2_000)
  })
  // Writing to a part that has just died is not news: its exit is.
  child.stdin?.on('error', () => undefined)
  const exited = new Promise<PartExit>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, lastWords: error.message }))
    child.once('close', (code, signal) => resolve({ code, signal, lastWords }))
  })
  const ready = new Promise<void>((resolve, reject) => {
    if (spec.mayEnd) resolve()
    const late = setTimeout(
      () => reject(partFailure(spec.name, { code: null, signal: null, lastWords: 'not ready' })),
      readyWithinMs,
    )
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const said = spec.readyLine?.test(line) ? {} : readyFacts(line)
      if (said === null) for (const listener of listeners) listener(line)
      else {
        Object.assign(facts, said)
        clearTimeout(late)
        resolve()
      }
    })
    void exited.then((exit) => {
      clearTimeout(late)
      reject(partFailure(spec.name, exit))
    })
  })
  const part: Part = {
    name: spec.name,
    ready: facts,
    onLine: (listener) => void listeners.push(listener),
    signal: (name) => killGroup(child, name),
    exited,
  }
  return { part, ready }
}

function readyFacts(line: string): Record<string, string> | null {
  if (!line.startsWith('{"event":"ready"')) return null
  return JSON.parse(line) as Record<string, string>
}

function partFailure(name: string, { code, signal, lastWords }: PartExit): Failure {
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`
  const words = lastWords.trim().split('\n').slice(-6).join('\n  ')
  const message = `the ${name} ended ${how}${words === '' ? '' : `; its last words:\n  ${words}`}`
  return new Failure({ code: 'part-failed', message, source: 'gateway' })
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It has just ended: nothing left to signal.
  }
}
