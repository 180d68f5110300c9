import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, statSync, truncateSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { type Part, part } from './part-process.ts'

/** The durable Redis and what can happen to it. */
export interface DurableRedis {
  readonly part: Part
  readonly socket: string
  /** Sends one command; fails when Redis is not there. */
  command(...words: string[]): Promise<unknown>
  /** Runs `act` once, when Redis executes a command whose line fits. */
  whenItRuns(pattern: RegExp, act: () => void): Promise<void>
  /** Its disk is full from now on: the next write to its log fails. */
  fillDisk(): void
  /** Watches its syncs until the power goes: then everything not synced by then is gone as well. */
  powerCut(afterMs: number): Promise<void>
}

/** A Redis with an append-only log on a socket in `folder`. */
export function durableRedis(folder: string, appendfsync: 'always' | 'everysec'): DurableRedis {
  const socket = join(folder, 'durable.sock')
  const own = join(folder, 'durable')
  mkdirSync(own)
  const place = ['--port', '0', '--unixsocket', socket, '--dir', own, '--save', '']
  const log = ['--appendonly', 'yes', '--appendfsync', appendfsync]
  const policy = ['--maxmemory-policy', 'noeviction']
  const redis = part('durable Redis', () => ({
    // A write past the limit then fails, as on a full disk, instead of ending the process.
    command: '/bin/sh',
    parameters: [
      '-c',
      'trap "" XFSZ; exec "$@"',
      'sh',
      'redis-server',
      ...place,
      ...log,
      ...policy,
    ],
    readyWhen: /ready to accept/i,
  }))
  const connect = (): Redis => {
    const client = new Redis({ path: socket, lazyConnect: true, retryStrategy: () => null })
    client.on('error', () => undefined)
    return client
  }
  return {
    part: redis,
    socket,
    command: async (...[name = '', ...words]) => {
      const client = connect()
      try {
        await client.connect()
        return await client.call(name, ...words)
      } finally {
        client.disconnect()
      }
    },
    whenItRuns: async (pattern, act) => {
      // By hand: ioredis loses count when commands of others come faster than its own answers.
      const monitor = createConnection(socket)
      monitor.on('error', () => undefined)
      createInterface({ input: monitor }).on('line', (line) => {
        if (monitor.destroyed || !pattern.test(line)) return
        monitor.destroy()
        act()
      })
      await once(monitor, 'connect')
      monitor.write('MONITOR\r\n')
    },
    fillDisk: () => {
      const size = statSync(logFile(own)).size
      execFileSync('prlimit', [`--pid=${redis.pid()}`, `--fsize=${size}:unlimited`])
    },
    powerCut: async (afterMs) => {
      const syncs = watchSyncs(redis.pid(), () => logFile(own))
      await delay(afterMs)
      // Frozen first: whatever it has confirmed by now was synced before, and has been seen.
      redis.signal('SIGSTOP')
      await delay(100)
      const syncedBytes = syncs.stop()
      await redis.kill()
      truncateSync(logFile(own), syncedBytes)
    },
  }
}

function logFile(folder: string): string {
  const aof = join(folder, 'appendonlydir')
  const name = readdirSync(aof).find((one) => one.endsWith('.incr.aof'))
  return join(aof, String(name))
}

/** Follows with strace how long the log was at its last sync; at least what was synced then. */
function watchSyncs(pid: number, file: () => string): { stop(): number } {
  const strace = spawn('strace', ['-f', '-q', '-e', 'trace=fdatasync', '-p', `${pid}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let synced = statSync(file()).size
  createInterface({ input: strace.stderr }).on('line', (line) => {
    if (line.includes('fdatasync')) synced = statSync(file()).size
  })
  return {
    stop: () => {
      strace.kill('SIGKILL')
      return synced
    },
  }
}
