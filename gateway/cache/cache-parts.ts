import type { Clock } from '../../core/clock.ts'
import type { RandomStream } from '../../core/random.ts'
import type { Answer, Exchange } from '../exchange.ts'
import type { GatewayMeter } from '../metrics.ts'
import type { CacheStore } from './cache-store.ts'
import type { ExpiringMap } from './expiring-map.ts'
import type { After, Flight } from './flight.ts'
import type { OwnPages } from './own-pages-store.ts'
import type { Purges } from './purges.ts'
import type { Question } from './question.ts'
import type { SessionChanges } from './session-changes.ts'
import type { NotStoredReason, Shape } from './storability.ts'
import type { SharedTier } from './shared-tier.ts'
import type { StoredAnswer } from './stored-answer.ts'
import type { UsualTimes } from './usual-time.ts'

/** What follows the cache, for the exchange it is given. */
export type Forward = (exchange: Exchange) => Promise<Answer>

/** What the parts of the cache work with. */
export interface CacheParts {
  readonly clock: Clock
  readonly store: CacheStore
  /** What the processes of one edge share; null when this one is alone. */
  readonly tier: SharedTier | null
  readonly meter: GatewayMeter
  readonly random: RandomStream
  readonly entryMaxBytes: number
  readonly after: After
  readonly purges: Purges
  /** What may have changed whose a session is. */
  readonly sessions: SessionChanges
  /** What may have changed what a session sees. */
  readonly generations: SessionChanges
  readonly own?: OwnPagesPort | undefined
  readonly usualTimes: UsualTimes
  readonly flights: Map<string, Flight>
  /** Keys being refreshed behind an answer already given. */
  readonly refreshing: Set<string>
  /** Shapes that answers had and their classes do not tell, by URI. */
  readonly shapes: ExpiringMap<Shape>
  /** Keys whose last answer was not for sharing: nobody waits for another there. */
  readonly unshared: ExpiringMap<true>
  /** Keys whose last fetch failed: a stale answer is given without trying again at once. */
  readonly resting: ExpiringMap<true>
}

/** Where people's own pages are kept. */
export interface OwnPagesPort {
  readonly pages: OwnPages
  /** The session cookie as the client sent it; null when it is absent or ambiguous. */
  session(exchange: Exchange): string | null
}

export interface Fetch {
  readonly exchange: Exchange
  readonly question: Question
  readonly forward: Forward
  /** When it was known whose the request is, as `SessionChanges` counts. */
  readonly knownAt: number
  /** Null when nothing tells who shares the answer: it goes through as it came. */
  readonly key: string | null
  /** The entry to revalidate, or to fall back on. */
  readonly stored: StoredAnswer | undefined
  /** Those who wait for the same; null when each fetches alone. */
  readonly flight: Flight | null
}

/** Said of whoever asked, not of what they asked for. */
const askersOwn: ReadonlySet<NotStoredReason> = new Set(['set-cookie', 'identity'])

/**
 * The key's answers are not for sharing: those who wait fetch for themselves, now and for a
 * while, and what was stored before is not used again.
 */
export function giveUpSharing(
  parts: CacheParts,
  { key, flight, question }: Fetch,
  reason: NotStoredReason,
): void {
  // What somebody's credentials opened says nothing of what the others get.
  if (key === null || question.isAuthorized) return
  if (!askersOwn.has(reason)) dropEntry(parts, key)
  parts.unshared.set(key, true, parts.clock.monotonicMs())
  flight?.end({ kind: 'alone' })
}

/** May the session have become another person's since it was known whose the request is? */
export function isUnsettled(parts: CacheParts, { exchange, knownAt }: Fetch): boolean {
  return parts.sessions.hasChangedSince(exchange.identity.sessionKey, knownAt)
}

/** Takes an entry out, here and for the others. */
export function dropEntry({ store, tier }: CacheParts, key: string): void {
  store.delete(key)
  tier?.delete(key)
}

/** Counts what became of an answer. */
export function decided(
  parts: CacheParts,
  { exchange }: Fetch,
  decision: 'stored' | NotStoredReason,
): void {
  const labels = { class: exchange.routing.routeClass.name, decision }
  parts.meter.count('ecluse_cache_answers_total', labels)
}
