import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Failure } from '../../core/failure.ts'

/** What to start, and how to tell that it is ready and whether it may end. */
export interface PartSpec {
  readonly name: string
  readonly command: string
  readonly parameters: readonly string[]
  /**
   * Ready with its line of JSON when absent, with the first line that fits a pattern, or at once.
   * A program of the second kind keeps its log on standard output.
   */
  readonly readyWhen?: RegExp | 'started'
  /** Exit codes with which it may end by itself, when its work is done. */
  readonly mayEndWith?: readonly number[]
}

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

/** How a part ended. */
export interface PartExit {
  readonly code: number | null
  readonly signal: string | null
  /** The end of what it said. */
  readonly lastWords: string
}

/** A part in the hands of the one who started it. */
export interface OwnedPart extends Part {
  /** Rejects with `part-failed` when it ends first, or is not ready in time. */
  readonly becomesReady: Promise<void>
  /** Asks it to end, kills it when that takes too long, and waits until it is gone. */
  end(): Promise<void>
  /** Kills it, and whatever it has started. */
  kill(): void
}

/** How long a part may take. */
export interface PartPatience {
  readonly readyMs: number
  readonly endMs: number
}

/**
 * The program takes the shell's place as leader of its group. Beside it waits a reader of the same
 * input, which ends with us even when we are killed; a few seconds later it ends the whole group,
 * itself included, for programs that do not watch their parent or cannot finish without the others.
 */
const lifeline = 'exec 3<&0; (cat <&3; sleep 4; kill -9 -$$) >/dev/null 2>&1 & exec "$@" 3<&-'

/** Starts a process as the leader of a group of its own. */
export function startPart(spec: PartSpec, patience: PartPatience): OwnedPart {
  // A group of its own: Ctrl-C reaches us alone, and we end the parts in order.
  const child = spawn('/bin/sh', ['-c', lifeline, 'sh', spec.command, ...spec.parameters], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  // Writing to a part that has just died is not news: its exit is.
  child.stdin.on('error', () => undefined)
  // Whatever is beside it must not outlive it, nor hold its pipes: without this, no `close`.
  child.once('exit', () => killGroup(child))
  const words = listen(child, spec)
  const exited = new Promise<PartExit>((resolve) => {
    child.once('error', ({ message }) => resolve({ code: null, signal: null, lastWords: message }))
    child.once('close', (code, signal) => resolve({ code, signal, lastWords: words.last() }))
  })
  return {
    name: spec.name,
    ready: words.facts,
    onLine: words.onLine,
    exited,
    becomesReady: readyOrFailed({ spec, exited, ready: words.ready, withinMs: patience.readyMs }),
    signal: (name) => void child.kill(name),
    async end() {
      child.kill('SIGTERM')
      const late = setTimeout(killGroup, patience.endMs, child)
      await exited
      clearTimeout(late)
    },
    kill: () => killGroup(child),
  }
}

const bin = fileURLToPath(new URL('../../bin/ecluse', import.meta.url))

/** A command of ours, run by the Node that runs us. */
export function ecluse(name: string, parameters: readonly string[]) {
  return { name, command: process.execPath, parameters: [bin, ...parameters] }
}

/** Says of a part that it ended, how, and what it said last. */
export function partFailure(name: string, { code, signal, lastWords }: PartExit): Failure {
  // What went wrong stands above the stack, and is all that helps whoever reads this.
  const lines = lastWords.split('\n').filter((line) => !/^ +at |^Node\.js v|^\s*$/.test(line))
  const words = lines
    .slice(-4)
    .map((line) => line.slice(0, 200))
    .join('\n  ')
  const how =
    signal === null
      ? code === null
        ? 'could not be started'
        : `ended with exit code ${code}`
      : `was ended by ${signal}`
  const message = `the ${name} ${how}${words === '' ? '.' : `; its last words:\n  ${words}`}`
  return new Failure({ code: 'part-failed', message, source: 'gateway' })
}

/** Follows what a process says: the line that makes it ready, the lines after, its last words. */
function listen(child: ChildProcess, { readyWhen }: PartSpec) {
  const facts: Record<string, string> = {}
  const listeners: ((line: string) => void)[] = []
  const { promise: ready, resolve: beReady } = Promise.withResolvers<void>()
  let lastWords = ''
  const remember = (text: string): void => {
    lastWords = (lastWords + text).slice(-2_000)
  }
  if (readyWhen === 'started') child.once('spawn', beReady)
  child.stderr?.setEncoding('utf8').on('data', remember)
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    if (readyWhen instanceof RegExp) {
      remember(`${line}\n`)
      if (readyWhen.test(line)) beReady()
    } else if (line.startsWith('{"event":"ready"')) {
      Object.assign(facts, JSON.parse(line))
      beReady()
    } else for (const listener of listeners) listener(line)
  })
  return {
    facts,
    ready,
    last: () => lastWords,
    onLine: (listener: (line: string) => void) => void listeners.push(listener),
  }
}

async function readyOrFailed(facts: {
  readonly spec: PartSpec
  readonly exited: Promise<PartExit>
  readonly ready: Promise<void>
  readonly withinMs: number
}): Promise<void> {
  const { spec, exited, ready, withinMs } = facts
  const { promise: late, reject: giveUp } = Promise.withResolvers<never>()
  const message = `the ${spec.name} was not ready within ${withinMs / 1_000} s.`
  const failure = new Failure({ code: 'part-failed', message, source: 'gateway' })
  const timer = setTimeout(giveUp, withinMs, failure)
  const gone = exited.then((exit) => {
    throw partFailure(spec.name, exit)
  })
  try {
    await Promise.race([ready, gone, late])
  } finally {
    clearTimeout(timer)
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody of the group is left.
  }
}
