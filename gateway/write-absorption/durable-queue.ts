import type { Redis } from 'ioredis'
import {
  appendScript,
  type Backlog,
  backlogScript,
  keyPrefix,
  ownerIsBackScript,
  readBacklog,
  settleScript,
} from '../../queue-workers/mailbox-scripts.ts'
import { runScript } from '../../queue-workers/script-client.ts'
import {
  type HeldWrite,
  type Settlement,
  settleParameters,
} from '../../queue-workers/settlement.ts'
import {
  type DeadLetterReason,
  deadLetterReason,
  keptSeconds,
  type QueuedWrite,
  readWriteJob,
} from '../../queue-workers/write-job.ts'
import type { PersistenceFacts } from './durability.ts'

export type WriteStatus =
  | { readonly kind: 'pending' }
  | { readonly kind: 'applied' }
  /** A later one of the same person stands for it. */
  | { readonly kind: 'superseded' }
  | { readonly kind: 'dead-letter'; readonly reason: DeadLetterReason }

/** What lies under an id: this write, or an earlier one with the same principal, class and key. */
export interface StoredWrite {
  readonly fingerprint: string
  readonly acceptedAtMs: number
}

/** A write that was promised and is not settled. */
export interface PendingWrite {
  readonly id: string
  readonly acceptedAtMs: number
}

/** What is stored after an append, and what is known of a write that was there before. */
export interface Appended extends StoredWrite {
  /** The caller's own turn, to try this write until its lease runs out; null when it has none. */
  readonly token: string | null
  /** What the origin answered to it, sealed; null when nobody asked or it is not kept. */
  readonly answer: string | null
  /** An edge is at it and has promised nothing yet. */
  readonly isBeingTried: boolean
}

/**
 * Where promised writes are kept. The write is its own idempotency record: its id is made of
 * principal, class and key, so that adding it twice adds it once, and its fingerprint tells a key
 * that comes back with another request.
 */
export interface DurableQueue {
  /**
   * Adds a write to its mailbox unless its id is taken, and resolves with what is stored there. When
   * it rejects, the write may have been stored all the same; asking again is safe. With
   * `leaseUntilMs`, a new write that nothing stands before is given to the caller to be tried.
   */
  append(write: QueuedWrite, leaseUntilMs?: number): Promise<Appended>
  /** Settles a write whose turn this edge was given; false when the turn was lost meanwhile. */
  settle(held: HeldWrite, settlement: Settlement): Promise<boolean>
  /** Puts what a person lost the right to write into their mailbox again; answers how many. */
  ownerIsBack(mailbox: string): Promise<number>
  find(
    id: string,
  ): Promise<(StoredWrite & { readonly owner: string; readonly status: WriteStatus }) | null>
  /** What a person's mailbox holds, in order, at most `limit`. */
  pending(mailbox: string, limit: number): Promise<readonly PendingWrite[]>
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
    append: async (write, leaseUntilMs) => {
      const { id, fingerprint, mailbox, school, job, payload, dueAtMs, slot } = write
      const once = job.outcome === 'dedupes' ? '' : 'once'
      const facts = [id, fingerprint, job.acceptedAtMs, mailbox, school, JSON.stringify(job)]
      const stored = await runScript(redis, appendScript, [
        ...facts,
        payload,
        once,
        Math.floor(wallMs()),
        dueAtMs ?? '',
        slot ?? '',
        leaseUntilMs ?? '',
        keptSeconds,
      ])
      return readAppended(stored as (string | number)[])
    },
    settle: async (held, settlement) => {
      const parameters = settleParameters(held, settlement, Math.floor(wallMs()))
      return (await runScript(redis, settleScript, parameters)) !== null
    },
    ownerIsBack: async (mailbox) =>
      Number(await runScript(redis, ownerIsBackScript, [mailbox, Math.floor(wallMs())])),
    find: async (id) => {
      const fields = ['fingerprint', 'acceptedAtMs', 'job', 'state', 'reason'] as const
      const [found, at, text, state, reason] = await redis.hmget(`${keyPrefix}w:${id}`, ...fields)
      const job = readWriteJob(text ?? '')
      if (!found || !at || job === undefined) return null
      const status = statusOf(state ?? '', reason ?? '')
      return { fingerprint: found, acceptedAtMs: Number(at), owner: job.owner, status }
    },
    pending: async (mailbox, limit) => {
      const ids = await redis.lrange(`${keyPrefix}m:${mailbox}`, 0, limit - 1)
      const acceptedAt = await Promise.all(
        ids.map((id) => redis.hget(`${keyPrefix}w:${id}`, 'acceptedAtMs')),
      )
      return ids.map((id, at) => ({ id, acceptedAtMs: Number(acceptedAt[at]) }))
    },
    backlog: async () => readBacklog((await runScript(redis, backlogScript, [])) as unknown[]),
    persistence: () => readPersistence(redis),
  }
}

function readAppended([found, at, token, answer, isTried]: readonly (string | number)[]): Appended {
  return {
    fingerprint: String(found),
    acceptedAtMs: Number(at),
    token: token === '' ? null : String(token),
    answer: answer ? String(answer) : null,
    isBeingTried: isTried === 1,
  }
}

function statusOf(state: string, reason: string): WriteStatus {
  if (state === 'applied' || state === 'superseded') return { kind: state }
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
