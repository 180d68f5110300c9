import type { Clock, MonotonicMs } from '../../core/clock.ts'
import type { RandomStream } from '../../core/random.ts'
import type { Answer, Exchange } from '../exchange.ts'
import type { GatewayMeter } from '../metrics.ts'
import type { CacheParts, Forward } from './cache-parts.ts'
import { recordHandling } from './cache-status.ts'
import type { CacheStore } from './cache-store.ts'
import { coalesce, refreshBehind } from './coalescing.ts'
import { ExpiringMap } from './expiring-map.ts'
import { fetchAnswer } from './fetching.ts'
import type { After } from './flight.ts'
import { usability } from './freshness.ts'
import { give } from './giving.ts'
import { Purges } from './purges.ts'
import { SessionChanges } from './session-changes.ts'
import { keyOf, type Question, readRequest } from './question.ts'
import { narrower } from './audience.ts'
import type { StoredAnswer } from './stored-answer.ts'
import { UsualTimes } from './usual-time.ts'
import { tagsOfChange } from './purge-tags.ts'
import { mayHaveChanged } from './verdict.ts'

/** An entry younger than this is new enough for a reload. */
const reloadAfterMs = 5000
const limits = {
  shapes: { maxEntries: 10_000, keepMs: 3_600_000 },
  // Varnish's hit-for-miss default. Nothing is lost meanwhile: the next storable answer is stored.
  unshared: { maxEntries: 10_000, keepMs: 120_000 },
  resting: { maxEntries: 10_000, keepMs: 2000 },
}

/** What the cache stage is built from. */
export interface CacheDependencies {
  readonly clock: Clock
  readonly store: CacheStore
  readonly meter: GatewayMeter
  readonly random: RandomStream
  /** Larger answers go through without being kept. */
  readonly entryMaxBytes: number
  /** What unsafe requests purge by; this process's own unless it is shared with others. */
  readonly purges?: Purges
  /** How waits end; the process's timers unless given. */
  readonly after?: After
}

/**
 * The stage that answers from stored answers and makes one fetch of many. It forwards exchanges
 * of its own (whole, unconditional, with nobody's abort): `next` must pass on the one it is given.
 */
export function buildCacheStage(
  dependencies: CacheDependencies,
): (exchange: Exchange, next: Forward) => Promise<Answer> {
  const parts: CacheParts = {
    ...dependencies,
    after: dependencies.after ?? timer,
    purges: dependencies.purges ?? new Purges(dependencies.store),
    sessions: new SessionChanges(),
    usualTimes: new UsualTimes(),
    flights: new Map(),
    refreshing: new Set(),
    shapes: new ExpiringMap(limits.shapes),
    unshared: new ExpiringMap(limits.unshared),
    resting: new ExpiringMap(limits.resting),
  }
  return async (exchange, next) => {
    const request = readRequest(exchange)
    switch (request.kind) {
      case 'bypass':
        if (request.reason === 'switched-off') return next(exchange)
        recordHandling(exchange, { kind: 'forwarded', why: 'bypass', detail: request.reason })
        return next(exchange)
      case 'unsafe':
        return change(parts, exchange, { resource: request.resource, next })
      case 'question':
        return answer(parts, exchange, { question: request, next, knownAt: parts.sessions.now })
    }
  }
}

async function change(
  parts: CacheParts,
  exchange: Exchange,
  { resource, next }: { readonly resource: string; readonly next: Forward },
): Promise<Answer> {
  recordHandling(exchange, { kind: 'forwarded', why: 'method' })
  const { sessionKey } = exchange.identity
  const settle = sessionKey === null ? null : parts.sessions.begin(sessionKey)
  try {
    const given = await next(exchange)
    if (mayHaveChanged(given)) parts.purges.purge(tagsOfChange(resource, given.headers))
    return given
  } finally {
    settle?.()
  }
}

interface Asked {
  readonly question: Question
  readonly next: Forward
  readonly knownAt: number
  /** Set when waiting ended with the advice to look again. */
  readonly isSecondLook?: true
}

async function answer(parts: CacheParts, exchange: Exchange, asked: Asked): Promise<Answer> {
  const { question, next: forward, knownAt } = asked
  const nowMs = parts.clock.monotonicMs()
  const { key, entry } = find(parts, question, nowMs)
  const fetch = { exchange, question, forward, knownAt, key, stored: entry, flight: null }
  if (entry) {
    const use = usability(entry, nowMs)
    if (use === 'fresh') {
      // Reloading must not become load: the stored answer at once, a newer one for the next.
      const isOld = question.isReload && nowMs - entry.storedAtMs >= reloadAfterMs
      if (isOld && !question.isHead) refreshBehind(parts, fetch)
      return give(exchange, entry, { from: 'fresh', nowMs })
    }
    const isResting = use === 'if-error' && key !== null && parts.resting.get(key, nowMs)
    if (!question.isHead && (use === 'while-revalidate' || isResting)) {
      if (use === 'while-revalidate') refreshBehind(parts, fetch)
      return give(exchange, entry, { from: 'stale', nowMs })
    }
  }
  if (question.isHead || question.isNoStore) {
    recordHandling(exchange, { kind: 'forwarded', why: 'uri-miss' })
    return forward(exchange)
  }
  if (key === null || !mayWait(parts, fetch, nowMs)) {
    return fetchAnswer(parts, fetch)
  }
  const lookAgain = () =>
    asked.isSecondLook
      ? fetchAnswer(parts, fetch)
      : answer(parts, exchange, { ...asked, isSecondLook: true })
  return coalesce(parts, { ...fetch, key }, lookAgain)
}

function mayWait(
  parts: CacheParts,
  facts: { exchange: Exchange; question: Question; key: string | null },
  nowMs: MonotonicMs,
): boolean {
  const { exchange, question, key } = facts
  if (exchange.policy.stages.coalescing === 'off') return false
  // Only where a class declares that people share: an origin's word is about one answer.
  return question.rules !== undefined && key !== null && !parts.unshared.get(key, nowMs)
}

// Most entries have the shape that their class declares; the others' shapes were remembered.
function find(
  parts: CacheParts,
  question: Question,
  nowMs: MonotonicMs,
): { key: string | null; entry: StoredAnswer | undefined } {
  const declared = question.rules?.audience
  const key = declared ? keyOf(question, { audience: declared, vary: [] }) : null
  const entry = key === null ? undefined : parts.store.get(key)
  if (entry) return { key, entry }
  const shape = parts.shapes.get(question.uri, nowMs)
  if (!shape) return { key, entry }
  const audience = narrower(declared ?? 'public', shape.audience)
  const shapedKey = keyOf(question, { ...shape, audience })
  if (shapedKey === null) return { key: null, entry: undefined }
  return { key: shapedKey, entry: parts.store.get(shapedKey) }
}

function timer(delayMs: number, act: () => void): () => void {
  const pending = setTimeout(act, delayMs)
  return () => clearTimeout(pending)
}
