import type { RequestKind } from '../crowd.ts'

/** How a request ended for whoever sent it. */
export type End = 'served' | 'turned-away' | 'failed' | 'left'

/** One request of the crowd, when it is over. */
export interface Seen {
  readonly kind: RequestKind
  readonly attempt: number
  readonly askedAtMs: number
  readonly tookMs: number
  readonly end: End
}

/** Who asked from `fromMs` on and before `toMs`. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

/** Was it an answer that somebody still wanted? */
export function isInTime({ end, tookMs, kind }: Seen): boolean {
  return end === 'served' && tookMs <= kind.deadlineMs
}

/** Database time of answers in time that came in the stretch, over all that there is. */
export function goodputRatio(
  seen: readonly Seen[],
  { fromMs, toMs }: Stretch,
  databaseSlots: number,
): number {
  const usefulMs = seen
    .filter((one) => isInTime(one) && isIn(one.askedAtMs + one.tookMs, { fromMs, toMs }))
    .reduce((sum, { kind }) => sum + kind.databaseMs, 0)
  return usefulMs / ((toMs - fromMs) * databaseSlots)
}

/** Milliseconds that all but one in a hundred of those endings came within; null without any. */
export function p99Ms(seen: readonly Seen[], stretch: Stretch, end: End): number | null {
  const times = seen
    .filter((one) => one.end === end && isIn(one.askedAtMs, stretch))
    .map(({ tookMs }) => tookMs)
    .toSorted((a, b) => a - b)
  return times[Math.ceil(times.length * 0.99) - 1] ?? null
}

/** Of those of one priority who asked a first time, the share who were answered in time. */
export function servedRatio(
  seen: readonly Seen[],
  stretch: Stretch,
  priority: RequestKind['priority'],
): number | null {
  const asked = seen.filter(
    ({ kind, attempt, askedAtMs }) =>
      kind.priority === priority && attempt === 1 && isIn(askedAtMs, stretch),
  )
  return asked.length === 0 ? null : asked.filter(isInTime).length / asked.length
}

/** How many were told to go away in the stretch. */
export function turnedAway(seen: readonly Seen[], stretch: Stretch): number {
  return seen.filter(({ end, askedAtMs }) => end === 'turned-away' && isIn(askedAtMs, stretch))
    .length
}

/**
 * Seconds from the start of the stretch until people are served again: from then on, in each of
 * three seconds in a row, 95 % of those who ask a first time have their answer in time. The whole
 * stretch when that never happens: it took at least so long.
 */
export function recoverySeconds(seen: readonly Seen[], { fromMs, toMs }: Stretch): number {
  const seconds = Array.from({ length: Math.floor((toMs - fromMs) / 1_000) }, (_, second) => {
    const stretch = { fromMs: fromMs + second * 1_000, toMs: fromMs + (second + 1) * 1_000 }
    const asked = seen.filter(({ askedAtMs, attempt }) => attempt === 1 && isIn(askedAtMs, stretch))
    return asked.length > 0 && asked.filter(isInTime).length >= 0.95 * asked.length
  })
  const at = seconds.findIndex(
    (_, i) => i + 3 <= seconds.length && seconds.slice(i, i + 3).every(Boolean),
  )
  return at === -1 ? (toMs - fromMs) / 1_000 : at
}

function isIn(atMs: number, { fromMs, toMs }: Stretch): boolean {
  return atMs >= fromMs && atMs < toMs
}
