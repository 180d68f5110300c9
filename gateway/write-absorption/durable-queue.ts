import type { Redis } from 'ioredis'
import {
  appendScript,
  type Backlog,
  backlogScript,
  keyPrefix,
  readBacklog,
} from '../../queue-workers/mailbox-scripts.ts'
import { runScript } from '../../queue-workers/script-client.ts'
import {
  type DeadLetterReason,
  deadLetterReason,
  type QueuedWrite,
  readWriteJob,
} from '../../queue-workers/write-job.ts'
import type { PersistenceFacts } from './durability.ts'

export type WriteStatus =
  | { readonly kind: 'pending' }
  | { readonly kind: 'applied' }
  | { readonly kind: 'dead-letter'; readonly reason: DeadLetterReason }

/** What lies under an id: this write, or an earlier one with the same principal, class and key. */
export interface StoredWrite {
  readonly fingerprint: string
  readonly acceptedAtMs: number
}

/**
 * Where promised writes are kept. The write is its own idempotency record: its id is made of
 * principal, class and key, so that adding it twice adds it once, and its fingerprint tells a key
 * that comes back with another request.
 */
export interface DurableQueue {
  /**
   * Adds a write to its mailbox unless its id is taken, and resolves with what is stored there. When
   * it rejects, the write may have been stored all the same; asking again is safe.
   */
  append(write: QueuedWrite): Promise<StoredWrite>
  find(
    id: string,
  ): Promise<(StoredWrite & { readonly owner: string; readonly status: WriteStatus }) | null>
  backlog(): Promise<Backlog>
  persistence(): Promise<PersistenceFacts>
}

/**
 * The queue on the durable Redis. The connection must fail in time by itself (`commandTimeout`, no
 * offline queue). Writes that arrive together go to Redis together, and it syncs its log once for
 * all of them before it answers.
 */
export function openDurableQueue(redis: Redis, wallMs: () => number): DurableQueue {
  return {
    append: async ({ id, fingerprint, mailbox, school, job, payload }) => {
      const once = job.outcome === 'dedupes' ? '' : 'once'
      const text = JSON.stringify(job)
      const facts = [id, fingerprint, job.acceptedAtMs, mailbox, school, text, payload]
      const stored = await runScript(redis, appendScript, [...facts, once, Math.floor(wallMs())])
      const [found, acceptedAtMs] = stored as [string, string]
      return { fingerprint: found, acceptedAtMs: Number(acceptedAtMs) }
    },
    find: async (id) => {
      const fields = ['fingerprint', 'acceptedAtMs', 'job', 'state', 'reason'] as const
      const [found, at, text, state, reason] = await redis.hmget(`${keyPrefix}w:${id}`, ...fields)
      const job = readWriteJob(text ?? '')
      if (!found || !at || job === undefined) return null
      const status = statusOf(state ?? '', reason ?? '')
      return { fingerprint: found, acceptedAtMs: Number(at), owner: job.owner, status }
    },
    backlog: async () => readBacklog((await runScript(redis, backlogScript, [])) as unknown[]),
    persistence: () => readPersistence(redis),
  }
}

function statusOf(state: string, reason: string): WriteStatus {
  if (state === 'applied') return { kind: 'applied' }
  if (state === 'parked') return { kind: 'dead-letter', reason: deadLetterReason(reason) }
  return { kind: 'pending' }
}

async function readPersistence(redis: Redis): Promise<PersistenceFacts> {
  const setting = async (name: string): Promise<string | null> => {
    const answer = await redis.config('GET', name)
    return answer[1] ?? null
  }
  const [appendonly, appendfsync, rewrite, policy, info] = await Promise.all([
    setting('appendonly'),
    setting('appendfsync'),
    setting('no-appendfsync-on-rewrite'),
    setting('maxmemory-policy'),
    redis.info(),
  ])
  return {
    appendonly,
    appendfsync,
    'no-appendfsync-on-rewrite': rewrite,
    'maxmemory-policy': policy,
    aofLastWriteStatus: /^aof_last_write_status:(\w+)/m.exec(info)?.[1] ?? null,
    memoryRatio: memoryRatio(info),
  }
}

function memoryRatio(info: string): number {
  const number = (name: string): number =>
    Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)
  const limit = number('maxmemory')
  return limit === 0 ? 0 : number('used_memory') / limit
}
