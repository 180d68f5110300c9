import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { systemClock } from '../core/clock.ts'
import { randomStream, unguessable } from '../core/random.ts'
import { applyClient } from './apply-client.ts'
import { openDeadLetters } from './dead-letter-queue.ts'
import { openMailboxes } from './mailbox-store.ts'
import { Pace } from './pace.ts'
import { type PayloadKeys, readPayloadKeys } from './payload-key-store.ts'
import { openQueueControl } from './queue-control-store.ts'
import { connectFirst, patientRedis, promptRedis } from './redis-client.ts'
import type { WorkerSettings } from './settings.ts'
import { countSettlement, statsOf, type TurnCounts } from './stats.ts'
import { openStatus } from './status-route.ts'
import type { Settlement } from './settlement.ts'
import { openTurns } from './turn-queue.ts'
import type { WritePayload } from './write-job.ts'

/** A running worker process. */
export interface Workers {
  /** Where its figures are. */
  readonly url: string
  /**
   * Finishes the attempts in flight and releases all other writes. A worker that cannot finish in
   * time is left: its write is taken up by another when its lock has run out.
   */
  drain(): Promise<void>
}

/** Starts applying absorbed writes. Fails when Redis, the keys or the port are not as set. */
export async function startWorkers(
  settings: WorkerSettings,
  noteError: (error: Error) => void,
): Promise<Workers> {
  const keys = readPayloadKeys(settings['keys.folder'])
  const redis = patientRedis(settings['redis.durable'])
  const prompt = promptRedis(settings['redis.durable'], statusTimeoutMs)
  const disconnect = (): void => {
    redis.disconnect()
    prompt.disconnect()
  }
  try {
    await connectFirst(redis, settings['redis.durable'])
    await connectFirst(prompt, settings['redis.durable'])
    const parts = await startParts(settings, { keys, redis, prompt, noteError })
    return {
      url: parts.url,
      drain: async () => {
        await parts.drain()
        disconnect()
      },
    }
  } catch (error) {
    disconnect()
    throw error
  }
}

interface Means {
  readonly keys: PayloadKeys
  readonly redis: Redis
  readonly prompt: Redis
  noteError(error: Error): void
}

async function startParts(settings: WorkerSettings, means: Means): Promise<Workers> {
  const { keys, redis, prompt } = means
  const client = applyClient({
    internalUrl: settings['internal.url'],
    token: keys.internalToken,
    connections: settings['workers.concurrency'],
    timeoutMs: settings['workers.attemptTimeoutMs'],
  })
  const counts: TurnCounts = { applied: 0, retried: 0, deadLettered: 0 }
  const status = await openStatus(settings['workers.port'], {
    deadLetters: openDeadLetters(prompt, {
      clock: systemClock,
      open: (sealed) => keys.open(sealed),
    }),
    control: openQueueControl(prompt, {
      clock: systemClock,
      log: (line) => void process.stderr.write(`${line}\n`),
    }),
    token: keys.internalToken,
    stats: async () =>
      statsOf(counts, await openMailboxes(prompt, systemClock).backlog(), systemClock.wallMs()),
  })
  const draining = new AbortController()
  const ports = {
    clock: systemClock,
    random: randomStream(unguessable(16)),
    pace: new Pace(),
    open: (sealed: string) => keys.open(sealed),
    attempt: (payload: WritePayload, className: string) => client.apply(payload, className),
    pause: (durationMs: number) => pauseUnless(draining.signal, durationMs),
    isDraining: () => draining.signal.aborted,
    note: (settlement: Settlement) => countSettlement(counts, settlement),
  }
  const turns = await openTurns({
    redis,
    ports,
    mailboxes: openMailboxes(redis, systemClock),
    concurrency: settings['workers.concurrency'],
    lockMs: settings['workers.lockMs'],
    noteError: (error) => means.noteError(error),
  })
  return {
    url: status.url,
    drain: async () => {
      draining.abort()
      await status.close()
      const finished = turns.close()
      finished.catch(means.noteError)
      await Promise.race([finished, delay(settings['workers.attemptTimeoutMs'] + closeMs)])
      await client.close()
    },
  }
}

const statusTimeoutMs = 1_000
const closeMs = 2_000

async function pauseUnless(signal: AbortSignal, durationMs: number): Promise<void> {
  if (durationMs <= 0 || signal.aborted) return
  // An aborted pause has simply ended; the turn then sees that the worker drains.
  await delay(durationMs, undefined, { signal }).catch(() => undefined)
}
