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
 * the class speaks last, and its lifetime is spread by ±10 % by `unit` in [0, 1). There is no
 * heuristic freshness. The stale windows are the answer's own, else the class's; none after
 * `must-revalidate`, and none of the class's after `s-maxage` (RFC 9111 §5.2.2.10).
 */
export function lifetimeOf(facts: {
  readonly directives: Directives
  readonly fields: Fields
  readonly isTargeted: boolean
  readonly rules: CacheRules | undefined
  readonly receivedAtMs: WallMs
  readonly unit: number
}): Lifetime {
  const { directives, rules } = facts
  const explicit = directives.sharedMaxAgeSeconds ?? directives.maxAgeSeconds
  const freshSeconds =
    explicit ?? (facts.isTargeted ? null : expiresSeconds(facts)) ?? jittered(rules, facts.unit)
  if (directives.isStaleForbidden) {
    return { freshSeconds, staleWhileRevalidateSeconds: 0, staleIfErrorSeconds: 0 }
  }
  const fallback = directives.sharedMaxAgeSeconds === null ? rules : undefined
  return {
    freshSeconds,
    staleWhileRevalidateSeconds:
      directives.staleWhileRevalidateSeconds ?? fallback?.staleWhileRevalidateSeconds ?? 0,
    staleIfErrorSeconds: directives.staleIfErrorSeconds ?? fallback?.staleIfErrorSeconds ?? 0,
  }
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
function expiresSeconds(facts: { fields: Fields; receivedAtMs: WallMs }): number | null {
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
