import { setTimeout as delay } from 'node:timers/promises'
import { type Job, Queue, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { keyPrefix } from './mailbox-scripts.ts'
import type { Mailboxes, Turn } from './mailbox-store.ts'
import { takeTurn, type TurnPorts } from './turn.ts'

export interface TurnDependencies {
  /** Must wait for a lost Redis instead of failing (`maxRetriesPerRequest: null`). */
  readonly redis: Redis
  readonly mailboxes: Mailboxes
  /** Everything a turn needs that does not depend on the mailbox at hand. */
  readonly ports: Omit<TurnPorts, 'begin' | 'settle'>
  /** Turns this process works on at once. */
  readonly concurrency: number
  /** A worker that has not renewed its hold on a turn for this long has lost it. */
  readonly lockMs: number
  noteError(error: Error): void
}

export interface Turns {
  /** Lets the attempts in flight finish and takes no other. */
  close(): Promise<void>
}

/**
 * Works on mailboxes. BullMQ schedules the turns: it hands each to one worker, watches that the
 * worker lives, and hands it to another when it does not. What the turn is about lies in the
 * mailbox, and the fence decides who may touch it.
 */
export async function openTurns(deps: TurnDependencies): Promise<Turns> {
  const shared = { connection: deps.redis, prefix: keyPrefix.slice(0, -1) }
  const queue = new Queue<Turn>(queueName, { ...shared, streams: { events: { maxLen: 100 } } })
  queue.on('error', (error) => deps.noteError(error))
  const worker = new Worker<Turn>(queueName, (job, token) => work(job, token, deps), {
    ...shared,
    concurrency: deps.concurrency,
    lockDuration: deps.lockMs,
    stalledInterval: deps.lockMs / 2,
    maxStalledCount: 1_000,
  })
  worker.on('error', (error) => deps.noteError(error))
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()])
  const dispatching = repeat(async () => (await dispatch(queue, deps)) > 0, deps)
  const sweeping = repeat(sweeper(deps), deps, sweepEveryMs)
  return {
    close: async () => {
      await Promise.all([dispatching.stop(), sweeping.stop()])
      await worker.close()
      await queue.close()
    },
  }
}

const queueName = 'mailbox-turns'

/**
 * Turns given out that wait for a worker, over all workers: enough to keep them busy until the next
 * look, few enough that a school which comes now does not stand behind one that floods.
 */
export const turnsWaiting = 4
const idleMs = 25
const sweepEveryMs = 5_000

async function dispatch(queue: Queue<Turn>, { mailboxes }: TurnDependencies): Promise<number> {
  const turns = await mailboxes.dispatch(turnsWaiting)
  if (turns.length > 0) {
    const options = { removeOnComplete: true, removeOnFail: true, stackTraceLimit: 0 }
    await queue.addBulk(
      turns.map((turn) => ({ name: 'turn', data: turn, opts: { ...options, jobId: jobId(turn) } })),
    )
  }
  return turns.length
}

function jobId({ mailbox, fence }: Turn): string {
  return `t-${mailbox}-${fence}`
}

/** What is thrown is for BullMQ: `WaitingError` lets go of the turn, which another takes up. */
async function work(
  job: Job<Turn>,
  token: string | undefined,
  deps: TurnDependencies,
): Promise<null> {
  const turn = job.data
  let end: Awaited<ReturnType<typeof takeTurn>>
  try {
    end = await takeTurn({
      ...deps.ports,
      begin: () => deps.mailboxes.begin(turn),
      settle: (taken, settlement) => deps.mailboxes.settle(turn, taken, settlement),
    })
    if (end === 'released') await job.moveToWait(token)
  } catch (error) {
    // A fault of ours or of Redis says nothing about the write. The lock runs out, and the turn is
    // taken up again.
    deps.noteError(error as Error)
    throw new WaitingError('the turn broke off')
  }
  if (end === 'released') throw new WaitingError('released')
  return null
}

/**
 * Takes back turns that BullMQ knows nothing of, twice in a row: their dispatcher died before it
 * could schedule them. One that is scheduled after all finds its fence gone.
 */
function sweeper({ redis, mailboxes }: TurnDependencies): () => Promise<boolean> {
  let suspects = new Set<string>()
  return async () => {
    const missing = new Set<string>()
    for (const turn of await mailboxes.turns()) {
      const id = jobId(turn)
      if ((await redis.exists(`${keyPrefix}${queueName}:${id}`)) === 1) continue
      if (suspects.has(id)) await mailboxes.giveBack(turn)
      else missing.add(id)
    }
    suspects = missing
    return false
  }
}

/** Does `round` again and again, at once while it finds work, until told to stop. */
function repeat(
  round: () => Promise<boolean>,
  { noteError }: TurnDependencies,
  everyMs = idleMs,
): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const { signal } = stopping
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      let hasMore = false
      try {
        hasMore = await round()
      } catch (error) {
        noteError(error as Error)
      }
      // Aborted, it has simply ended; the loop then sees why.
      await delay(hasMore ? 1 : everyMs, undefined, { signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
