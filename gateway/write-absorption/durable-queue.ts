import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { Failure } from '../../core/failure.ts'
import {
  backlogArguments,
  backlogScript,
  type DeadLetterReason,
  deadLetterReason,
  keptSeconds,
  type LaneBacklog,
  laneName,
  laneOf,
  lanes,
  queuePrefix,
  readBacklog,
  readWriteJob,
  type WriteJob,
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
 * Where promised writes are kept. The job is its own idempotency record: its id is made of
 * principal, class and key, so that adding it twice adds it once, and its name is the fingerprint
 * by which a key that comes back with another request is told.
 */
export interface DurableQueue {
  /**
   * Adds a write unless its id is taken and resolves with what is stored there. When it rejects,
   * the write may have been stored all the same; asking again is safe.
   */
  append(write: {
    readonly id: string
    readonly fingerprint: string
    readonly job: WriteJob
  }): Promise<StoredWrite>
  find(
    id: string,
  ): Promise<(StoredWrite & { readonly owner: string; readonly status: WriteStatus }) | null>
  backlog(): Promise<readonly LaneBacklog[]>
  persistence(): Promise<PersistenceFacts>
  close(): Promise<void>
}

/**
 * The queue on the durable Redis. The connection must fail in time by itself (`commandTimeout`, no
 * offline queue) and may still be connecting: a BullMQ queue made before its connection is ready
 * stays broken, so they are made when it is.
 */
export function openDurableQueue(redis: Redis): DurableQueue {
  let queues: readonly Queue[] = []
  const build = (): void => {
    if (queues.length > 0) return
    const built = lanes.map((lane) => openLane(lane, redis))
    queues = built
    Promise.all(built.map((queue) => queue.waitUntilReady())).catch(() => {
      // Redis left again at once. These never work again; the next connection makes others.
      queues = []
    })
  }
  redis.setMaxListeners(0)
  redis.on('ready', build)
  if (redis.status === 'ready') build()
  return {
    append: async ({ id, fingerprint, job }) => {
      const lane = laneOf(id)
      const queue = lane === undefined ? undefined : queues[lane]
      if (queue === undefined) throw unavailable('no connection has been made yet')
      await queue.add(fingerprint, job, {
        jobId: id,
        timestamp: job.acceptedAtMs,
        removeOnComplete: { age: keptSeconds },
        removeOnFail: false,
        stackTraceLimit: 0,
      })
      // `add` does not say whether the id was taken.
      const [name, timestamp] = await redis.hmget(jobKey(id), 'name', 'timestamp')
      if (!name || !timestamp) throw unavailable('an added write was not found again')
      return { fingerprint: name, acceptedAtMs: Number(timestamp) }
    },
    find: async (id) => {
      const fields = ['name', 'timestamp', 'data', 'finishedOn', 'failedReason'] as const
      const [name, timestamp, data, finishedOn, failed] = await redis.hmget(jobKey(id), ...fields)
      const job = readWriteJob(data ? JSON.parse(data) : null)
      if (!name || !timestamp || job === undefined) return null
      const status = statusOf(job, finishedOn ? (failed ?? null) : undefined)
      return { fingerprint: name, acceptedAtMs: Number(timestamp), owner: job.owner, status }
    },
    backlog: async () =>
      readBacklog((await redis.eval(backlogScript, ...backlogArguments())) as number[]),
    persistence: () => readPersistence(redis),
    close: async () => {
      redis.off('ready', build)
      await Promise.all(queues.map((queue) => queue.close()))
    },
  }
}

function openLane(lane: number, redis: Redis): Queue {
  const queue = new Queue(laneName(lane), {
    connection: redis,
    prefix: queuePrefix,
    skipWaitingForReady: true,
    // Nobody reads the stream of events; a short one costs Redis little.
    streams: { events: { maxLen: 100 } },
  })
  // A command that fails rejects to its caller as well.
  queue.on('error', () => undefined)
  return queue
}

/** `failed` is undefined while the job is not finished, null when it finished well. */
function statusOf(job: WriteJob, failed: string | null | undefined): WriteStatus {
  if (job.isApplied || failed === null) return { kind: 'applied' }
  if (failed === undefined) return { kind: 'pending' }
  return { kind: 'dead-letter', reason: deadLetterReason(failed) }
}

function jobKey(id: string): string {
  return `${queuePrefix}:${laneName(laneOf(id) ?? -1)}:${id}`
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
    redis.info('persistence'),
  ])
  return {
    appendonly,
    appendfsync,
    'no-appendfsync-on-rewrite': rewrite,
    'maxmemory-policy': policy,
    aofLastWriteStatus: /^aof_last_write_status:(\w+)/m.exec(info)?.[1] ?? null,
  }
}

function unavailable(what: string): Failure {
  return new Failure({
    code: 'queue-unavailable',
    message: `redis.durable: ${what}.`,
    source: 'gateway',
    retryable: true,
  })
}
