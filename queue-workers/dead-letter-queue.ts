import type { Redis } from 'ioredis'
import type { Clock } from '../core/clock.ts'
import { keyPrefix, redriveScript } from './mailbox-scripts.ts'
import { runScript } from './script-client.ts'
import {
  type DeadLetterReason,
  deadLetterReason,
  readWriteJob,
  unpackPayload,
} from './write-job.ts'

/** A write that was acknowledged and not applied, without what was written. */
export interface DeadLetter {
  readonly id: string
  /** The idempotency key its client chose; null when no sealing key opens it any more. */
  readonly key: string | null
  readonly reason: DeadLetterReason
  readonly className: string | null
  readonly acceptedAtMs: number
  readonly parkedAtMs: number | null
}

export interface DeadLetters {
  /** The newest, at most `limit`. */
  list(limit: number): Promise<readonly DeadLetter[]>
  count(): Promise<number>
  /**
   * Puts a dead letter at the end of its mailbox again, under the same id and idempotency key and
   * with a fresh time bound. A person decides this: for `outcome-unknown` it may repeat an effect.
   */
  redrive(id: string): Promise<'redriven' | 'no-such-dead-letter'>
}

/** The dead letters are the parked writes: parking one is a single step in Redis. */
export function openDeadLetters(
  redis: Redis,
  { clock, open }: { readonly clock: Clock; open(sealed: string): Uint8Array | null },
): DeadLetters {
  const letter = async (id: string): Promise<DeadLetter> => {
    const [job, payload, reason, acceptedAtMs, doneAtMs] = await redis.hmget(
      `${keyPrefix}w:${id}`,
      'job',
      'payload',
      'reason',
      'acceptedAtMs',
      'doneAtMs',
    )
    const opened = payload ? open(payload) : null
    return {
      id,
      key: opened && unpackPayload(opened).key,
      reason: deadLetterReason(reason ?? ''),
      className: readWriteJob(job ?? '')?.className ?? null,
      acceptedAtMs: Number(acceptedAtMs),
      parkedAtMs: doneAtMs ? Number(doneAtMs) : null,
    }
  }
  return {
    list: async (limit) => {
      const ids = await redis.zrevrange(`${keyPrefix}dead`, 0, limit - 1)
      return Promise.all(ids.map(letter))
    },
    count: () => redis.zcard(`${keyPrefix}dead`),
    redrive: async (id) => {
      const job = readWriteJob((await redis.hget(`${keyPrefix}w:${id}`, 'job')) ?? '')
      if (job === undefined) return 'no-such-dead-letter'
      const nowMs = clock.wallMs()
      const boundMs = job.deadlineMs - job.acceptedAtMs
      const again = JSON.stringify({ ...job, parkAs: null, deadlineMs: nowMs + boundMs })
      const done = await runScript(redis, redriveScript, [id, again, nowMs])
      return done === 1 ? 'redriven' : 'no-such-dead-letter'
    },
  }
}
