/**
 * How long people stayed against how long the plan had them stay: sums from which the ratio and
 * its error follow. A stay runs from the start of the first page opened to that of the last.
 */
export interface StaySums {
  readonly count: number
  readonly playedMs: number
  readonly plannedMs: number
  readonly playedSquared: number
  readonly plannedSquared: number
  readonly product: number
}

export const noStays: StaySums = Object.freeze({
  count: 0,
  playedMs: 0,
  plannedMs: 0,
  playedSquared: 0,
  plannedSquared: 0,
  product: 0,
})

/** The sums with one more stay; somebody who opened one page stayed no time at all. */
export function withStay(sums: StaySums, stay: { playedMs: number; plannedMs: number }): StaySums {
  const { playedMs, plannedMs } = stay
  if (plannedMs <= 0) return sums
  return {
    count: sums.count + 1,
    playedMs: sums.playedMs + playedMs,
    plannedMs: sums.plannedMs + plannedMs,
    playedSquared: sums.playedSquared + playedMs * playedMs,
    plannedSquared: sums.plannedSquared + plannedMs * plannedMs,
    product: sums.product + playedMs * plannedMs,
  }
}

/**
 * Played over planned with its standard error, of the same pages of the same people: who is cut by
 * the end of the run, or resumed in the middle, is not counted against the plan. Null for none.
 */
export function stayRatio(sums: StaySums): { value: number; standardError: number } | null {
  if (sums.count === 0) return null
  const value = sums.playedMs / sums.plannedMs
  // Ratio estimator: the spread of what each stay adds beyond its share.
  const spread = sums.playedSquared - 2 * value * sums.product + value * value * sums.plannedSquared
  return { value, standardError: Math.sqrt(Math.max(0, spread)) / sums.plannedMs }
}
