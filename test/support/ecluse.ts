import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface CommandEnd {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

const bin = fileURLToPath(new URL('../../bin/ecluse', import.meta.url))

/** Starts `ecluse` as people do. */
export function startEcluse(...parameters: string[]): ChildProcessWithoutNullStreams {
  return startEcluseBy([], parameters)
}

/** Starts it by a Node with flags of its own. */
export function startEcluseBy(
  nodeFlags: readonly string[],
  parameters: readonly string[],
): ChildProcessWithoutNullStreams {
  // The test runner adds preloads of its own to whatever a test starts, and with them Node refuses
  // a file without an extension; `env` takes them off again.
  return spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, ...nodeFlags, bin, ...parameters])
}

/** Runs `ecluse` to its end. */
export async function ecluse(...parameters: string[]): Promise<CommandEnd> {
  return endOf(startEcluse(...parameters))
}

/** What a command printed and how it ended. */
export async function endOf(child: ChildProcessWithoutNullStreams): Promise<CommandEnd> {
  const [[status], stdout, stderr] = await Promise.all([
    once(child, 'exit') as Promise<[number]>,
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
  ])
  return { status, stdout: stdout.join(''), stderr: stderr.join('') }
}
