import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../core/clock.ts'
import type { QueuedWrite } from '../../queue-workers/write-job.ts'
import type { ComposedWrite } from './compose-write.ts'
import type { DurabilityLevel } from './durability.ts'
import type { Appended, DurableQueue, StoredWrite } from './durable-queue.ts'
import type { QueueProbe } from './queue-probe.ts'
import { decideRoad, queueBudgetMs, type WantedLevel } from './road.ts'
import type { Spool } from './spool-client.ts'

/** What of a write lies in its row of the spool as JSON. */
export type SpooledForm = Pick<QueuedWrite, 'school' | 'job' | 'payload' | 'dueAtMs' | 'slot'>

/** What became of the wish to store a write. */
export type Storing =
  | {
      readonly kind: 'stored'
      readonly write: StoredWrite & Partial<Appended>
      readonly level: DurabilityLevel
    }
  /** Not confirmed in time. It may be stored all the same; the same key again is safe. */
  | { readonly kind: 'unavailable' }

export interface StoreDependencies {
  readonly clock: Clock
  readonly queue: DurableQueue
  readonly spool: Spool | null
  readonly probe: QueueProbe
}

/** Stores a write at the level its class wants, on the road that is open, before `untilMs`. */
export async function storeWrite(
  write: ComposedWrite,
  terms: {
    readonly wanted: WantedLevel
    readonly untilMs: number
    /** Asks for the write's turn, until this instant of the wall clock. */
    readonly leaseUntilMs?: number | undefined
  },
  deps: StoreDependencies,
): Promise<Storing> {
  const { clock, queue, spool, probe } = deps
  const road = decideRoad({
    wanted: terms.wanted,
    durability: probe.durability(),
    hasSpool: spool !== null,
    isFollowing: spool?.holds(write.mailbox) ?? false,
  })
  if (road.kind === 'none') return { kind: 'unavailable' }
  if (road.kind === 'queue') {
    const { level, thenSpool } = road
    const attempt = () => queue.append(write, terms.leaseUntilMs)
    const stored = thenSpool
      ? await onceWithin(attempt, queueBudgetMs(terms.untilMs - clock.monotonicMs()))
      : await againUntil(attempt, { clock, untilMs: terms.untilMs })
    if (stored !== undefined) return { kind: 'stored', write: stored, level }
    // Until it has answered the probe again, nobody else waits for it.
    probe.suspect()
    if (!thenSpool) return { kind: 'unavailable' }
  } else {
    // The queue can be asked: a key that came before is told now, not when it is forwarded.
    const known = await knownToQueue(write.id, terms.untilMs, deps)
    if (known !== undefined) return known
  }
  return spoolWrite(write, terms.untilMs, deps)
}

async function knownToQueue(
  id: string,
  untilMs: number,
  { clock, queue, probe }: StoreDependencies,
): Promise<Storing | undefined> {
  const durability = probe.durability()
  if (durability.kind !== 'ok') return undefined
  const withinMs = queueBudgetMs(untilMs - clock.monotonicMs())
  const write = await onceWithin(() => queue.find(id), withinMs)
  return write ? { kind: 'stored', write, level: durability.level } : undefined
}

async function spoolWrite(
  write: ComposedWrite,
  untilMs: number,
  { clock, spool }: StoreDependencies,
): Promise<Storing> {
  const { id, fingerprint, mailbox, school, job, payload, dueAtMs, slot } = write
  const text = JSON.stringify({ school, job, payload, dueAtMs, slot } satisfies SpooledForm)
  const row = { id, fingerprint, mailbox, acceptedAtMs: job.acceptedAtMs, job: text }
  const append = async () => spool?.append(row)
  const result = await onceWithin(append, Math.max(0, untilMs - clock.monotonicMs()))
  if (result?.kind !== 'stored') return { kind: 'unavailable' }
  return { kind: 'stored', write: result, level: 'local-fsync' }
}

/** Undefined when it fails or is still at it after `withinMs`; then it may have happened. */
function onceWithin<T>(attempt: () => Promise<T>, withinMs: number): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, withinMs, undefined)
    const end = (found: T | undefined): void => {
      clearTimeout(timer)
      resolve(found)
    }
    // Never a 202: the other road is taken, or the client comes back with the same key.
    attempt().then(end, () => end(undefined))
  })
}

/** Asks again until it is answered or too late; undefined then, and it may have happened. */
async function againUntil(
  attempt: () => Promise<Appended>,
  { clock, untilMs }: { readonly clock: Clock; readonly untilMs: number },
): Promise<Appended | undefined> {
  for (;;) {
    try {
      return await attempt()
    } catch {
      // Never a 202: the client is told to come back with the same key, which cannot double.
      if (clock.monotonicMs() + askAgainMs >= untilMs) return undefined
      await delay(askAgainMs)
    }
  }
}

const askAgainMs = 100

/** A write that was promised before, and how it is kept now. */
export type Found = NonNullable<Awaited<ReturnType<DurableQueue['find']>>> & {
  readonly level: DurabilityLevel
}

/** What lies under an id, in the spool or in the queue; undefined when neither can say in time. */
export async function findStored(
  id: string,
  { queue, spool, probe }: Pick<StoreDependencies, 'queue' | 'spool' | 'probe'>,
): Promise<Found | null | undefined> {
  try {
    const row = (await spool?.find(id)) ?? null
    if (row !== null) {
      const { job } = JSON.parse(row.job) as SpooledForm
      const { fingerprint, acceptedAtMs } = row
      const status = { kind: 'pending' } as const
      return { fingerprint, acceptedAtMs, owner: job.owner, status, level: 'local-fsync' }
    }
    const durability = probe.durability()
    const found = await queue.find(id)
    const level = durability.kind === 'ok' ? durability.level : 'declared'
    return found && { ...found, level }
  } catch {
    // Redis or the disk did not answer; whoever asked says so with a reason that is counted.
    return undefined
  }
}
