import type { Clock, MonotonicMs } from '../../core/clock.ts'
import type { RandomStream } from '../../core/random.ts'
import type { Answer, Exchange } from '../exchange.ts'
import type { GatewayMeter } from '../metrics.ts'
import { turnAway } from '../turned-away.ts'
import { withAsOf } from './as-of.ts'
import { narrower } from './audience.ts'
import type { CacheParts, Fetch, Forward, OwnPagesPort } from './cache-parts.ts'
import { recordHandling } from './cache-status.ts'
import type { CacheStore } from './cache-store.ts'
import { choose } from './choice.ts'
import { coalesce, refreshBehind } from './coalescing.ts'
import { ExpiringMap } from './expiring-map.ts'
import { fetchAnswer, fetchHead } from './fetching.ts'
import type { After } from './flight.ts'
import { give, offerToAll } from './giving.ts'
import { changedTags } from './invalidation.ts'
import { decoded } from './own-pages-store.ts'
import { keepsOwnPages, ownScope } from './own-scope.ts'
import { Purges } from './purges.ts'
import { SessionChanges } from './session-changes.ts'
import { beginChange, noteSession } from './session-notes.ts'
import {
  keyOf,
  mayChangeState,
  type Question,
  readRequest,
  type Request,
  resourceOf,
} from './question.ts'
import type { SharedTier } from './shared-tier.ts'
import type { StoredAnswer } from './stored-answer.ts'
import { UsualTimes } from './usual-time.ts'

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
  /** What the processes of one edge share; none unless given. */
  readonly tier?: SharedTier
  readonly meter: GatewayMeter
  readonly random: RandomStream
  /** Larger answers go through without being kept. */
  readonly entryMaxBytes: number
  /** Where people's own pages are kept; absent, nowhere. */
  readonly own?: OwnPagesPort
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
    tier: dependencies.tier ?? null,
    purges: dependencies.purges ?? new Purges(dependencies.store),
    sessions: new SessionChanges(),
    generations: new SessionChanges(),
    usualTimes: new UsualTimes(),
    flights: new Map(),
    refreshing: new Set(),
    shapes: new ExpiringMap(limits.shapes),
    unshared: new ExpiringMap(limits.unshared),
    resting: new ExpiringMap(limits.resting),
  }
  return async (exchange, next) => {
    const request = readRequest(exchange)
    const settle = beginChange(parts, exchange)
    try {
      const given = await respond(parts, exchange, { request, next })
      noteSession(parts, exchange, given)
      return given
    } finally {
      settle()
    }
  }
}

async function respond(
  parts: CacheParts,
  exchange: Exchange,
  { request, next }: { readonly request: Request; readonly next: Forward },
): Promise<Answer> {
  switch (request.kind) {
    case 'bypass':
      if (request.reason === 'switched-off') return passOn(parts, exchange, next)
      recordHandling(exchange, { kind: 'forwarded', why: 'bypass', detail: request.reason })
      return next(exchange)
    case 'unsafe':
      return change(parts, exchange, { resource: request.resource, next })
    case 'question': {
      const own = keepsOwnPages(exchange) ? ownParts(parts, exchange) : null
      if (own) return ownAnswer(own, exchange, { question: request, next })
      return answer(parts, exchange, { question: request, next, knownAt: parts.sessions.now })
    }
  }
}

// Nothing is given and nothing kept; what a write changes is dropped all the same, so that switching
// on again shows nothing that is older than it.
async function passOn(parts: CacheParts, exchange: Exchange, next: Forward): Promise<Answer> {
  const given = await next(exchange)
  if (mayChangeState(exchange)) {
    const resource = resourceOf(exchange, exchange.routing.path)
    parts.purges.purge(changedTags(exchange, resource, given))
  }
  return given
}

// For one person's own pages everything is as for shared ones, on a shelf that only their session
// opens and under names that end with each change. No other process has them.
function ownParts(parts: CacheParts, exchange: Exchange): CacheParts | null {
  const { own, store, generations } = parts
  const session = own?.session(exchange) ?? null
  if (!own || session === null) return null
  return { ...parts, store: own.pages.shelf(session, store), tier: null, sessions: generations }
}

async function ownAnswer(
  parts: CacheParts,
  exchange: Exchange,
  { question, next }: { readonly question: Question; readonly next: Forward },
): Promise<Answer> {
  const { sessionKey } = exchange.identity
  if (sessionKey === null) return next(exchange)
  const scope = ownScope(sessionKey, parts.generations.lastOf(sessionKey))
  const given = await answer(parts, exchange, {
    question: { ...question, ownScope: scope },
    next,
    knownAt: parts.generations.now,
  })
  const isStale = given.outcome.kind === 'served' && given.outcome.from === 'stale'
  return isStale ? withAsOf(given, decoded) : given
}

async function change(
  parts: CacheParts,
  exchange: Exchange,
  { resource, next }: { readonly resource: string; readonly next: Forward },
): Promise<Answer> {
  recordHandling(exchange, { kind: 'forwarded', why: 'method' })
  const given = await next(exchange)
  parts.purges.purge(changedTags(exchange, resource, given))
  return given
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
  const stored = question.isAuthorized ? undefined : entry
  const fetch = { exchange, question, forward, knownAt, key, stored, flight: null }
  if (entry) {
    const given = fromStore(parts, fetch, { entry, nowMs })
    if (given) return given
  }
  // RFC 9111 §5.2.1.7.
  if (question.asks.isOnlyIfCached) return turnAway(exchange, 'only-if-cached')
  if (question.isHead) return fetchHead(parts, fetch)
  if (question.isRange || question.asks.isNoStore) {
    recordHandling(exchange, { kind: 'forwarded', why: entry ? 'stale' : 'uri-miss' })
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

function fromStore(
  parts: CacheParts,
  fetch: Fetch,
  { entry, nowMs }: { readonly entry: StoredAnswer; readonly nowMs: MonotonicMs },
): Answer | null {
  const { exchange, question, key } = fetch
  const isOver = nowMs >= entry.freshUntilMs
  const isResting = isOver && key !== null && parts.resting.get(key, nowMs) === true
  const choice = choose(entry, { question, nowMs, isResting, draw: exchange.jitter })
  if (choice.kind === 'ask-origin') return null
  if (choice.isRefreshed) refreshBehind(parts, fetch)
  const given = give(exchange, entry, { from: choice.from, nowMs })
  if (choice.from === 'fresh') offerToAll(parts, fetch, entry)
  return given
}

function mayWait(
  parts: CacheParts,
  facts: { exchange: Exchange; question: Question; key: string | null },
  nowMs: MonotonicMs,
): boolean {
  const { exchange, question, key } = facts
  if (exchange.policy.stages.coalescing === 'off') return false
  // What credentials open is theirs until the answer says otherwise.
  if (question.isAuthorized) return false
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
