import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

/** For tests: a rehearsal as people start it, and what there is of it on this machine. */
export interface WatchedRehearsal {
  /** How it ended, and how long after the last signal or kill that was. */
  readonly end: Promise<{ readonly status: number | null; readonly tookMs: number }>
  errors(): string
  /** Waits for a process of it whose command line fits; fails when the rehearsal ends first. */
  untilSeen(pattern: RegExp): Promise<void>
  /** Kills (-9) the process of it whose command line fits. */
  kill(pattern: RegExp): void
  /** Sends a signal, and returns once the rehearsal had time to take notice. */
  signal(name: NodeJS.Signals): Promise<void>
  /** Processes and temporary files that are still there ten seconds after its end. */
  remains(): Promise<readonly string[]>
}

const bin = fileURLToPath(new URL('../../bin/ecluse', import.meta.url))

/** Starts `ecluse rehearse` with a temporary folder of its own, by which its parts are known. */
export function rehearse(
  t: Test,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): WatchedRehearsal {
  const folder = tempFolder(t)
  // The test runner adds preloads to whatever a test starts, with which Node refuses a file without
  // an extension; `env` takes them off again and then becomes the program.
  const program = ['-u', 'NODE_OPTIONS', process.execPath, bin, 'rehearse', ...flags]
  const child = spawn('/usr/bin/env', program, {
    env: { ...process.env, TMPDIR: folder, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const groups = new Set<number>()
  const isLeader = (pattern: RegExp) => (seen: Seen) =>
    seen.id === seen.group && pattern.test(seen.command)
  const look = (): readonly Seen[] => {
    const seen = processes()
    for (const { group, command } of seen) if (command.includes(folder)) groups.add(group)
    return seen.filter(({ group }) => groups.has(group))
  }
  let askedMs = performance.now()
  const end = once(child, 'close').then(([status]) => ({
    status: status as number | null,
    tookMs: Math.round(performance.now() - askedMs),
  }))
  return {
    end,
    errors: () => errors,
    async untilSeen(pattern) {
      while (!look().some(isLeader(pattern))) {
        if (child.exitCode !== null) throw new Error(`ended too early: ${errors}`)
        await delay(100)
      }
    },
    kill(pattern) {
      const found = look().find(isLeader(pattern))
      if (found === undefined) throw new Error(`no process fits ${pattern.source}`)
      askedMs = performance.now()
      process.kill(found.id, 'SIGKILL')
    },
    async signal(name) {
      askedMs = performance.now()
      child.kill(name)
      await delay(300)
    },
    async remains() {
      for (let round = 0; round < 100; round += 1) {
        if (look().length === 0 && isEmpty(folder)) return []
        await delay(100)
      }
      return [...look().map(({ command }) => command), ...readdirSync(folder)]
    },
  }
}

/** A folder for one test. */
export function tempFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'rehearse-test-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

interface Seen {
  readonly id: number
  readonly group: number
  readonly command: string
}

function processes(): readonly Seen[] {
  const text = execFileSync('ps', ['-eo', 'pid=,pgid=,args='], { encoding: 'utf8' })
  return text.split('\n').flatMap((line) => {
    const [, id, group, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return command === undefined ? [] : [{ id: Number(id), group: Number(group), command }]
  })
}

function isEmpty(folder: string): boolean {
  return !existsSync(folder) || readdirSync(folder).length === 0
}
