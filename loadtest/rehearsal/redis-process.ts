import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import type { Cast } from './cast-process.ts'
import type { Part } from './part-process.ts'

/** What a Redis is for: keeping acknowledged writes, or sharing what may be forgotten. */
export type RedisRole = 'durable' | 'volatile'

export interface RedisPart {
  readonly part: Part
  readonly socket: string
}

/** Starts a Redis of our own on a Unix socket in `folder`, which holds nothing else of its kind. */
export async function startRedis(
  cast: Cast,
  facts: { readonly folder: string; readonly role: RedisRole; readonly isKept: boolean },
): Promise<RedisPart> {
  const socket = join(facts.folder, `redis-${facts.role}.sock`)
  const rules =
    facts.role === 'durable'
      ? [
          '--appendonly',
          facts.isKept ? 'yes' : 'no',
          '--appendfsync',
          'always',
          '--maxmemory-policy',
          'noeviction',
          '--appenddirname',
          'durable',
        ]
      : ['--appendonly', 'no', '--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru']
  const options = ['--port', '0', '--unixsocket', socket, '--dir', facts.folder, '--save', '']
  const part = await cast.start({
    name: `${facts.role} Redis`,
    command: findRedis(),
    parameters: [...options, ...rules],
    readyWhen: /ready to accept/i,
  })
  return { part, socket }
}

/** The Redis program of this machine; fails with `redis-missing` and what to type. */
export function findRedis(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  for (const name of ['redis-server', 'valkey-server']) {
    for (const folder of folders) {
      try {
        accessSync(join(folder, name), constants.X_OK)
        return join(folder, name)
      } catch {
        // Not in this folder; the next one may have it.
      }
    }
  }
  const message = 'redis-server is not on PATH; "npm run setup" installs it or says how.'
  throw new Failure({ code: 'redis-missing', message, source: 'gateway' })
}
