import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A program under chaos: started, killed, frozen and started again, always under one name. */
export interface Part {
  readonly name: string
  /** Resolves with the facts of its line of JSON, or with none when it has only to fit a pattern. */
  start(): Promise<Readonly<Record<string, string>>>
  /** Ends it as `kill -9` does and waits until the system has buried it. */
  kill(): Promise<void>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  isRunning(): boolean
  pid(): number
  /** What it said on standard error, the end of it. */
  lastWords(): string
}

export interface PartProgram {
  readonly command: string
  readonly parameters: readonly string[]
  /** Ready when a line fits; without it, with the line of JSON of our own commands. */
  readonly readyWhen?: RegExp
  readonly env?: Readonly<Record<string, string>>
}

// The program takes the shell's place, so that its number is the one we signal. Whoever reads beside
// it ends the group when our end of the pipe closes, however we end. The test runner adds preloads to
// whatever is started, with which Node refuses a file without an extension.
const lifeline =
  'unset NODE_OPTIONS; exec 3<&0; (cat <&3; kill -9 -$$) >/dev/null 2>&1 & exec "$@" 3<&-'

/** A part whose program is asked for anew at each start. */
export function part(name: string, program: () => PartProgram): Part {
  let child: ChildProcess | undefined
  let exited = Promise.resolve()
  let words = ''
  return {
    name,
    start: async () => {
      const { command, parameters, readyWhen, env } = program()
      const started = spawn('/bin/sh', ['-c', lifeline, 'sh', command, ...parameters], {
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
        env: { ...process.env, ...env },
      })
      child = started
      started.stdin?.on('error', () => undefined)
      started.stderr?.setEncoding('utf8').on('data', (text: string) => {
        words = (words + text).slice(-4_000)
      })
      exited = new Promise((resolve) => {
        started.once('exit', () => {
          if (child === started) child = undefined
          killGroup(started)
          resolve()
        })
      })
      return ready(started, { name, readyWhen, exited, words: () => words })
    },
    kill: async () => {
      child?.kill('SIGKILL')
      await exited
    },
    signal: (signal) => void child?.kill(signal),
    isRunning: () => child !== undefined,
    pid: () => child?.pid ?? 0,
    lastWords: () => words,
  }
}

async function ready(
  child: ChildProcess,
  facts: {
    readonly name: string
    readonly readyWhen: RegExp | undefined
    readonly exited: Promise<void>
    words(): string
  },
): Promise<Readonly<Record<string, string>>> {
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, string>>()
  void facts.exited.then(() => reject(new Error(`${facts.name} ended early: ${facts.words()}`)))
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    if (facts.readyWhen?.test(line)) resolve({})
    else if (line.startsWith('{"event":"ready"')) resolve(JSON.parse(line))
  })
  return promise
}

function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-(pid as number), 'SIGKILL')
  } catch {
    // Nobody of the group is left.
  }
}

const bin = fileURLToPath(new URL('../../../bin/ecluse', import.meta.url))
const mutate = fileURLToPath(new URL('./mutate.ts', import.meta.url))

/** A command of ours, changed as the mutant says. */
export function ecluse(parameters: readonly string[], mutant: string | null): PartProgram {
  if (mutant === null) return { command: process.execPath, parameters: [bin, ...parameters] }
  const changed = ['--import', mutate, bin, ...parameters]
  return {
    command: process.execPath,
    parameters: changed,
    env: { ECLUSE_CHAOS_MUTANT: mutant },
  }
}
