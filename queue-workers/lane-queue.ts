import { type Job, Queue, UnrecoverableError, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { takeTurn, type TurnEnd, type TurnPorts } from './turn.ts'
import { laneName, queuePrefix, readWriteJob, sentKey, type WriteJob } from './write-job.ts'

export interface LaneDependencies {
  /** Must wait for a lost Redis instead of failing (`maxRetriesPerRequest: null`). */
  readonly redis: Redis
  /** Everything a turn needs that does not depend on the job at hand. */
  readonly ports: Omit<TurnPorts, 'claim' | 'unclaim' | 'saveAttempts'>
  /** A worker that has not renewed its hold on a write for this long has lost it. */
  readonly lockMs: number
  noteEnd(end: TurnEnd): void
  noteError(error: Error): void
}

export interface Lane {
  /** Lets the attempt in flight finish and takes no other. */
  close(): Promise<void>
}

/**
 * Applies the writes of one lane, one at a time over all worker processes: the limit is kept by
 * Redis and counts a write whose worker died, so that nothing overtakes it before it is recovered.
 */
export async function openLane(lane: number, deps: LaneDependencies): Promise<Lane> {
  const shared = { connection: deps.redis, prefix: queuePrefix }
  const queue = new Queue(laneName(lane), shared)
  queue.on('error', (error) => deps.noteError(error))
  await queue.setGlobalConcurrency(1)
  const worker = new Worker<WriteJob>(laneName(lane), (job, token) => turn(job, token, deps), {
    ...shared,
    concurrency: 1,
    lockDuration: deps.lockMs,
    stalledInterval: deps.lockMs / 2,
    // A write that ends worker after worker is parked, not tried for ever.
    maxStalledCount: 20,
  })
  worker.on('error', (error) => deps.noteError(error))
  await worker.waitUntilReady()
  return {
    close: async () => {
      await worker.close()
      await queue.close()
    },
  }
}

/** What is thrown is for BullMQ: `UnrecoverableError` parks the job, `WaitingError` lets go of it. */
async function turn(
  job: Job<WriteJob>,
  token: string | undefined,
  deps: LaneDependencies,
): Promise<null> {
  let end: TurnEnd
  try {
    end = await endOfTurn(job, deps)
    if (end.kind === 'released') await job.moveToWait(token)
  } catch (error) {
    // A fault of ours or of Redis says nothing about the write. Its lock runs out and it is taken
    // up again; failing it here would make a dead letter of it.
    deps.noteError(error as Error)
    throw new WaitingError('the turn broke off')
  }
  deps.noteEnd(end)
  switch (end.kind) {
    case 'applied':
      return null
    case 'parked':
      throw new UnrecoverableError(end.reason)
    case 'released':
      throw new WaitingError('released')
  }
}

async function endOfTurn(job: Job<WriteJob>, deps: LaneDependencies): Promise<TurnEnd> {
  const stored = readWriteJob(job.data)
  const id = job.id
  if (stored === undefined || id === undefined) return { kind: 'parked', reason: 'unreadable' }
  let current = stored
  const save = async (change: Partial<WriteJob>): Promise<void> => {
    current = { ...current, ...change }
    await job.updateData(current)
  }
  const end = await takeTurn(id, stored, {
    ...deps.ports,
    claim: async (id) => (await deps.redis.set(sentKey(id), '1', 'EX', sentSeconds, 'NX')) !== null,
    unclaim: async (id) => void (await deps.redis.del(sentKey(id))),
    saveAttempts: (attempts) => save({ attempts }),
  })
  // What was written goes as soon as the origin has it; the rest of the job is kept as the record.
  if (end.kind === 'applied' && !stored.isApplied) await save({ isApplied: true, payload: '' })
  return end
}

/** Longer than any write waits for its turn. A note is never removed after success: a worker that
 * was frozen before its own note must still find it. */
const sentSeconds = 30 * 86_400
