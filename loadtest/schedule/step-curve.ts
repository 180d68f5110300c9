/** A rate that is constant between edges, with its running total; any unit of time. */
export interface StepCurve {
  /** Ascending; one more than there are rates. */
  readonly edges: readonly number[]
  readonly rates: readonly number[]
  /** Amount accumulated at each edge; starts at 0. */
  readonly totals: readonly number[]
}

/** The curve through `steps`, which follow one another from `from`; empty ones are dropped. */
export function stepCurve(from: number, steps: readonly { until: number; rate: number }[]) {
  const edges = [from]
  const rates: number[] = []
  const totals = [0]
  for (const { until, rate } of steps) {
    const last = edges.at(-1) as number
    if (until <= last) continue
    if (rate === rates.at(-1)) {
      // The same rate again is the same step, longer.
      edges.pop()
      totals.pop()
    } else rates.push(rate)
    const begun = edges.at(-1) as number
    totals.push((totals.at(-1) as number) + rate * (until - begun))
    edges.push(until)
  }
  return { edges, rates, totals } satisfies StepCurve
}

/** Rate at `x`; beyond either end, that of the nearest step. O(log n). */
export function rateAt(curve: StepCurve, x: number): number {
  return curve.rates[stepOf(curve.edges, x)] as number
}

/** Amount accumulated from the first edge to `x`. O(log n). */
export function amountAt(curve: StepCurve, x: number): number {
  const step = stepOf(curve.edges, x)
  const sinceEdge = x - (curve.edges[step] as number)
  return (curve.totals[step] as number) + (curve.rates[step] as number) * sinceEdge
}

/** Where the curve has accumulated `amount`: the inverse of `amountAt`. O(log n). */
export function whenReached(curve: StepCurve, amount: number): number {
  const step = stepOf(curve.totals, amount)
  const edge = curve.edges[step] as number
  const rate = curve.rates[step] as number
  return rate === 0 ? edge : edge + (amount - (curve.totals[step] as number)) / rate
}

/** Amount under the whole curve. */
export function totalOf(curve: StepCurve): number {
  return curve.totals.at(-1) as number
}

/** Highest rate anywhere. */
export function peakRate(curve: StepCurve): number {
  return Math.max(...curve.rates)
}

/** Index of the step of ascending `edges` that holds `x`, the nearest one beyond either end. */
export function stepOf(edges: readonly number[], x: number): number {
  let low = 0
  let high = edges.length - 2
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((edges[middle] as number) <= x) low = middle
    else high = middle - 1
  }
  return low
}
