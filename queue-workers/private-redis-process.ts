import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A Redis of a test's own: on a socket in a temporary folder, gone with the test. */
export interface PrivateRedis {
  readonly address: string
  readonly process: ChildProcess
  stop(): Promise<void>
}

/** Starts one that syncs as told; `always` is what the durable Redis must do. */
export async function startPrivateRedis(
  appendfsync: 'always' | 'everysec' = 'always',
): Promise<PrivateRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-redis-'))
  const address = join(folder, 'redis.sock')
  const place = ['--port', '0', '--unixsocket', address, '--dir', folder]
  const durability = ['--save', '', '--appendonly', 'yes', '--appendfsync', appendfsync]
  const child = spawn(
    'redis-server',
    [...place, ...durability, '--maxmemory-policy', 'noeviction'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  // A test that crashes cannot clean up: this shell ends Redis when the pipe to us closes.
  const guard = spawn(
    'sh',
    ['-c', 'cat; kill -9 "$1"; rm -rf "$2"', 'sh', `${child.pid}`, folder],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    },
  )
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    let log = ''
    child.once('error', reject)
    void exited.then(() => reject(new Error(`redis-server ended early:\n${log}`)))
    child.stdout.on('data', (chunk: Buffer) => {
      log = `${log}${chunk.toString()}`.slice(-4_000)
      if (/ready to accept/i.test(log)) resolve()
    })
  })
  return {
    address,
    process: child,
    stop: async () => {
      // KILL ends a stopped process as well.
      child.kill('SIGKILL')
      await exited
      guard.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
