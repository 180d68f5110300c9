import type { MonotonicMs, WallMs } from '../../core/clock.ts'
import type { CacheRules } from '../policy/policy.ts'
import type { Directives } from './directives.ts'
import type { Fields } from './fields.ts'
import { parseHttpDate } from './http-date.ts'

/** How long an answer may be used, counted from its birth. */
export interface Lifetime {
  readonly freshSeconds: number
  /** After that, while a refresh runs (RFC 5861 §3). */
  readonly staleWhileRevalidateSeconds: number
  /** After that, while the origin fails (RFC 5861 §4). */
  readonly staleIfErrorSeconds: number
}

/** Share of a class's own lifetime by which entries differ, so that they do not end together. */
const jitterRatio = 0.1

/**
 * The lifetime of an answer whose field may be obeyed. RFC 9111 §4.2.1: the first match wins;
 * the class speaks last, and its lifetime is spread by ±10 % by `unit` in [0, 1). A class without
 * a lifetime may allow a heuristic one. The stale windows are the answer's own, else the class's;
 * none after `no-cache` or `must-revalidate`, and none of the class's after `s-maxage` (RFC 9111
 * §5.2.2.10) or for what was never fresh.
 */
export function lifetimeOf(facts: LifetimeFacts): Lifetime {
  const { directives, rules } = facts
  if (directives.isNoCache) return unusedUnasked
  const freshSeconds =
    explicitSeconds(facts) ?? (jittered(rules, facts.unit) || heuristicSeconds(facts))
  if (directives.isStaleForbidden) {
    return { freshSeconds, staleWhileRevalidateSeconds: 0, staleIfErrorSeconds: 0 }
  }
  const isClassHeard = directives.sharedMaxAgeSeconds === null && freshSeconds > 0
  const fallback = isClassHeard ? rules : undefined
  return {
    freshSeconds,
    staleWhileRevalidateSeconds:
      directives.staleWhileRevalidateSeconds ?? fallback?.staleWhileRevalidateSeconds ?? 0,
    staleIfErrorSeconds: directives.staleIfErrorSeconds ?? fallback?.staleIfErrorSeconds ?? 0,
  }
}

/**
 * The lifetime of an answer that is not a 200: what it says itself, or a heuristic one where
 * RFC 9110 §15.1 or `public` allows it, and never more than the class gives such answers. An old
 * error is no better than a new one, so it is never given stale.
 */
export function otherLifetime(facts: LifetimeFacts & { readonly mayBeGuessed: boolean }): Lifetime {
  const { directives, rules } = facts
  if (directives.isNoCache) return unusedUnasked
  const seconds = explicitSeconds(facts) ?? (facts.mayBeGuessed ? heuristicSeconds(facts) : 0)
  return { ...unusedUnasked, freshSeconds: Math.min(seconds, rules?.otherStatusSeconds ?? 0) }
}

interface LifetimeFacts {
  readonly directives: Directives
  readonly fields: Fields
  readonly isTargeted: boolean
  readonly rules: CacheRules | undefined
  readonly receivedAtMs: WallMs
  readonly unit: number
}

/** Kept for its validators alone: nobody gets it without asking the origin. */
const unusedUnasked: Lifetime = Object.freeze({
  freshSeconds: 0,
  staleWhileRevalidateSeconds: 0,
  staleIfErrorSeconds: 0,
})

function explicitSeconds(facts: LifetimeFacts): number | null {
  const { sharedMaxAgeSeconds, maxAgeSeconds } = facts.directives
  return sharedMaxAgeSeconds ?? maxAgeSeconds ?? (facts.isTargeted ? null : expiresSeconds(facts))
}

// RFC 9111 §4.2.2: a tenth of the time since it last changed.
function heuristicSeconds({ fields, rules, receivedAtMs }: LifetimeFacts): number {
  const changedAtMs = parseHttpDate(fields.get('last-modified') ?? '')
  if (changedAtMs === null || rules?.heuristicMaxSeconds === undefined) return 0
  const datedAtMs = parseHttpDate(fields.get('date') ?? '') ?? receivedAtMs
  const seconds = (datedAtMs - changedAtMs) / 10_000
  return Math.max(0, Math.min(seconds, rules.heuristicMaxSeconds))
}

/** The lifetime that a class alone decides, where it speaks instead of the answer. */
export function classLifetime(rules: CacheRules, unit: number): Lifetime {
  return {
    freshSeconds: jittered(rules, unit),
    staleWhileRevalidateSeconds: rules.staleWhileRevalidateSeconds,
    staleIfErrorSeconds: rules.staleIfErrorSeconds,
  }
}

function jittered(rules: CacheRules | undefined, unit: number): number {
  return (rules?.freshSeconds ?? 0) * (1 + jitterRatio * (2 * unit - 1))
}

// RFC 9111 §5.3: an invalid date, such as 0, is in the past.
function expiresSeconds(facts: LifetimeFacts): number | null {
  const text = facts.fields.get('expires')
  if (text === undefined) return null
  const expiresAtMs = parseHttpDate(text)
  if (expiresAtMs === null) return 0
  const datedAtMs = parseHttpDate(facts.fields.get('date') ?? '') ?? facts.receivedAtMs
  return (expiresAtMs - datedAtMs) / 1000
}

/** Milliseconds since the answer left its origin (RFC 9111 §4.2.3). */
export function initialAgeMs(facts: {
  readonly fields: Fields
  readonly receivedAtMs: WallMs
  readonly responseDelayMs: number
}): number {
  // An Age that is not a non-negative integer is ignored; the first of several counts (§5.1).
  const text = facts.fields.get('age')?.split(',', 1)[0]?.trim() ?? ''
  const ageMs = /^\d{1,10}$/.test(text) ? Number(text) * 1000 : 0
  const datedAtMs = parseHttpDate(facts.fields.get('date') ?? '')
  // Dates have whole seconds: less than one of difference is not age.
  const apparentMs = datedAtMs === null ? 0 : facts.receivedAtMs - datedAtMs
  return Math.max(apparentMs < 1000 ? 0 : apparentMs, ageMs + facts.responseDelayMs)
}

/** The instants at which an entry's uses end, computed when it is stored. */
export interface Timeline {
  readonly bornAtMs: MonotonicMs
  readonly storedAtMs: MonotonicMs
  readonly freshUntilMs: MonotonicMs
  readonly refreshUntilMs: MonotonicMs
  readonly errorUntilMs: MonotonicMs
}

/** Lays a lifetime on the clock. */
export function timelineOf(
  lifetime: Lifetime,
  at: { readonly nowMs: MonotonicMs; readonly ageMs: number },
): Timeline {
  const bornAtMs = at.nowMs - at.ageMs
  const freshUntilMs = bornAtMs + lifetime.freshSeconds * 1000
  return {
    bornAtMs: bornAtMs as MonotonicMs,
    storedAtMs: at.nowMs,
    freshUntilMs: freshUntilMs as MonotonicMs,
    refreshUntilMs: (freshUntilMs + lifetime.staleWhileRevalidateSeconds * 1000) as MonotonicMs,
    errorUntilMs: (freshUntilMs + lifetime.staleIfErrorSeconds * 1000) as MonotonicMs,
  }
}

/** What may be done with an entry now. An entry is fresh up to its last instant, not at it. */
export function usability(
  entry: Timeline,
  nowMs: MonotonicMs,
): 'fresh' | 'while-revalidate' | 'if-error' | 'revalidate' {
  if (nowMs < entry.freshUntilMs) return 'fresh'
  if (nowMs < entry.refreshUntilMs) return 'while-revalidate'
  return nowMs < entry.errorUntilMs ? 'if-error' : 'revalidate'
}

/** The last part of an entry's freshness in which it may be refreshed before it ends. */
const earlyRatio = 0.1
const earliestMs = 5000

/**
 * Is a fresh entry to be refreshed already? In its last tenth, five seconds at most, ever more
 * surely as the end comes near: `draw` is in [0, 1). Entries stored together so part again, and
 * nobody has to wait for the first fetch after the end.
 */
export function isRefreshDue(entry: Timeline, nowMs: MonotonicMs, draw: number): boolean {
  const windowMs = Math.min(earliestMs, earlyRatio * (entry.freshUntilMs - entry.storedAtMs))
  return entry.freshUntilMs - nowMs < windowMs * draw
}
