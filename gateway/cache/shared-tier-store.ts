import type { Redis } from 'ioredis'
import type { Clock } from '../../core/clock.ts'
import { type PurgeTag, tagsOf } from './purge-tags.ts'
import type { PurgePosition } from './purge-view.ts'
import { hiddenName, openRecord, sealRecord } from './sealed-record-store.ts'
import { decodeRecord, encodeRecord, lastUseAtMs } from './shared-record.ts'
import type { SharedTier, TierRead } from './shared-tier.ts'
import type { StoredAnswer } from './stored-answer.ts'
import { replyWithin } from '../redis-client.ts'

/** Later than this, the origin is asked. */
const lateMs = 50
/** After a failure Redis is left alone this long; then one request tries it for all. */
const retryEveryMs = 500
/** Bytes on their way to Redis at once; what comes on top is not written. */
const maxWritingBytes = 8 * 1024 * 1024
/** An entry that ends sooner is not worth the way. */
const minLifeMs = 1000
/** The scopes that people share, by the first word of their keys (audience.ts); nothing else goes there. */
const sharedScope = /^(?:public\n|role |school |group )/

export interface SharedTierDependencies {
  readonly redis: Redis
  readonly secret: Uint8Array
  readonly clock: Clock
  readonly entryMaxBytes: number
  readonly purges: PurgeSight
  /** Hears what became of each look. */
  onRead?(result: TierRead): void
}

/** What this process knows of purges. */
export interface PurgeSight {
  readonly position: PurgePosition
  /** May purges have been made that it does not know? */
  isBlind(): boolean
  /** Is it certain that nothing with these tags was purged since? */
  isUnpurged(since: PurgePosition, tags: readonly PurgeTag[]): boolean
}

/**
 * The shared tier on the volatile Redis. Records are sealed under names that tell nothing, expire
 * with the last use of their entry, and are only as good as this process's view of the purges.
 * Not compressed: what is large comes coded by the origin; for the rest zstd at level 1 takes three
 * to four times as long as sealing, each way (20 kB of HTML), on the core that serves people.
 */
export function sharedTier(deps: SharedTierDependencies): SharedTier {
  const { redis, secret, purges, clock } = deps
  const note = deps.onRead ?? (() => undefined)
  let awayUntilMs = Number.NEGATIVE_INFINITY
  let writingBytes = 0
  const isAway = (): boolean => clock.monotonicMs() < awayUntilMs
  const rest = (): void => {
    awayUntilMs = clock.monotonicMs() + retryEveryMs
  }
  const drop = (key: string): void => {
    // One that stays while Redis is away ends with its own lifetime.
    if (!isAway()) redis.unlink(nameOf(key)).catch(rest)
  }
  const nameOf = (key: string): string => `ecluse:cache:${hiddenName(secret, key)}`

  return {
    position: () => purges.position,
    read: async (key) => {
      if (isAway() || purges.isBlind()) {
        note('away')
        return null
      }
      // Whoever comes while the first one after a failure tries asks the origin.
      if (awayUntilMs > 0) rest()
      const found = await replyWithin(lateMs, lookUp(redis, nameOf(key)))
      if (found === null) {
        rest()
        note('away')
        return null
      }
      awayUntilMs = Number.NEGATIVE_INFINITY
      const { sealed, leftMs } = found
      const { result, entry } = sealed === null ? absent : readRecord(deps, key, { sealed, leftMs })
      note(result)
      return entry
    },
    write: (key, entry, since) => {
      const leftMs = lastUseAtMs(entry) - clock.monotonicMs()
      const bytes = entry.body.byteLength
      if (isAway() || !sharedScope.test(key)) return
      const isWorthIt = leftMs >= minLifeMs && bytes <= deps.entryMaxBytes
      // The old entry would outlive the new one.
      if (!isWorthIt || writingBytes + bytes > maxWritingBytes) return drop(key)
      writingBytes += bytes
      const sealed = sealRecord(secret, key, encodeRecord({ entry, since }))
      redis
        .set(nameOf(key), sealed, 'PX', Math.ceil(leftMs))
        // What was not kept is fetched again; the circuit spares the next ones the attempt.
        .catch(rest)
        .finally(() => {
          writingBytes -= bytes
        })
    },
    delete: drop,
  }
}

interface Found {
  readonly sealed: Buffer | null
  readonly leftMs: number
}

const absent = { result: 'miss', entry: null } as const

async function lookUp(redis: Redis, name: string): Promise<Found> {
  const replies = await redis.pipeline().getBuffer(name).pttl(name).exec()
  const [[getError, sealed], [ttlError, leftMs]] = replies as [
    [Error | null, Buffer | null],
    [Error | null, number],
  ]
  if (getError ?? ttlError) throw getError ?? ttlError
  return { sealed, leftMs }
}

function readRecord(
  { secret, purges, clock }: SharedTierDependencies,
  key: string,
  { sealed, leftMs }: { readonly sealed: Buffer; readonly leftMs: number },
): { readonly result: TierRead; readonly entry: StoredAnswer | null } {
  // Expired between the two replies, or without an end, which we never write.
  if (leftMs <= 0) return absent
  const plain = openRecord(secret, key, sealed)
  const endAtMs = (clock.monotonicMs() + leftMs) as ReturnType<Clock['monotonicMs']>
  const record = plain && decodeRecord(plain, endAtMs, clock.wallMs())
  if (!record) return { result: 'unreadable', entry: null }
  const { entry, since } = record
  if (!purges.isUnpurged(since, tagsOf(key, entry))) return { result: 'purged', entry: null }
  return { result: 'hit', entry }
}
