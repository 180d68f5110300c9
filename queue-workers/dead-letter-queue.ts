import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Clock } from '../core/clock.ts'
import {
  type DeadLetterReason,
  deadLetterReason,
  laneName,
  laneOf,
  lanes,
  queuePrefix,
  readWriteJob,
  sentKey,
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
  /** The newest of each lane, at most `limitPerLane` each. */
  list(limitPerLane: number): Promise<readonly DeadLetter[]>
  count(): Promise<number>
  /**
   * Puts a dead letter at the end of its lane again, under the same id and idempotency key and with
   * a fresh time bound. A person decides this: for `outcome-unknown` it may repeat an effect.
   */
  redrive(id: string): Promise<'redriven' | 'no-such-dead-letter'>
  close(): Promise<void>
}

/** The dead letters are the failed jobs of the lanes: parking one is a single step in Redis. */
export function openDeadLetters(
  redis: Redis,
  { clock, open }: { readonly clock: Clock; open(sealed: string): Uint8Array | null },
): DeadLetters {
  const queues = lanes.map(
    (lane) => new Queue(laneName(lane), { connection: redis, prefix: queuePrefix }),
  )
  // A command that fails rejects to its caller as well.
  for (const queue of queues) queue.on('error', () => undefined)
  return {
    list: async (limitPerLane) => {
      const found = await Promise.all(queues.map((queue) => queue.getFailed(0, limitPerLane - 1)))
      return found.flat().flatMap((job) => {
        const write = readWriteJob(job.data)
        // Applied, but the queue could not take note of it: nothing is owed.
        if (write?.isApplied) return []
        const opened = write ? open(write.payload) : null
        return [
          {
            id: job.id ?? '',
            key: opened && unpackPayload(opened).key,
            reason: deadLetterReason(job.failedReason),
            className: write?.className ?? null,
            acceptedAtMs: job.timestamp,
            parkedAtMs: job.finishedOn ?? null,
          },
        ]
      })
    },
    count: async () => {
      const counts = await Promise.all(queues.map((queue) => queue.getFailedCount()))
      return counts.reduce((sum, count) => sum + count, 0)
    },
    redrive: async (id) => {
      const job = await queues[laneOf(id) ?? -1]?.getJob(id)
      const write = readWriteJob(job?.data)
      if (!job || !write || !(await job.isFailed())) return 'no-such-dead-letter'
      const boundMs = write.deadlineMs - write.acceptedAtMs
      await redis.del(sentKey(id))
      await job.updateData({
        ...write,
        parkAs: null,
        attempts: 0,
        deadlineMs: clock.wallMs() + boundMs,
      })
      await job.retry('failed')
      return 'redriven'
    },
    close: async () => void (await Promise.all(queues.map((queue) => queue.close()))),
  }
}
