/**
 * Pages per visit as a quantile function of u in [0, 1): a log-normal of standard deviation
 * `sigma` (of the logarithm), rounded to whole pages, cut at `max`, whose mean is exactly `mean`.
 */
export function pageCountQuantile(law: { mean: number; sigma: number; max: number }) {
  const meanAt = (mu: number): number => meanOf(cumulativeCounts(mu, law.sigma, law.max))
  const mu = solve((x) => meanAt(x) - law.mean, Math.log(0.05), Math.log(law.max * 4))
  return quantileOf(cumulativeCounts(mu, law.sigma, law.max))
}

/** Pages per visit as measured: the quantile function of their cumulative shares, and its mean. */
export function measuredPages(cumulative: readonly number[]) {
  return { quantile: quantileOf(cumulative), mean: meanOf(cumulative) }
}

function quantileOf(cumulative: readonly number[]) {
  return (u: number): number => {
    let low = 0
    let high = cumulative.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((cumulative[middle] as number) > u) high = middle
      else low = middle + 1
    }
    return low + 1
  }
}

/**
 * Pages of the same visit on a busier day: 1 + floor((pages - 1) ratio + u). Keeps the shape of
 * the law and, over u uniform in [0, 1), its mean exactly.
 */
export function stretchedPages(pages: number, ratio: number, u: number): number {
  return 1 + Math.floor((pages - 1) * ratio + u)
}

/**
 * Median of the log-normal whose mean is `meanMs` once values are held within `minMs` and
 * `maxMs`; the mean must lie between them.
 */
export function heldMedianMs(law: GapLaw): number {
  const excess = (median: number): number => heldMeanMs(median, law) - law.meanMs
  return Math.exp(
    solve((x) => excess(Math.exp(x)), Math.log(law.minMs / 100), Math.log(law.maxMs * 2)),
  )
}

export interface GapLaw {
  readonly meanMs: number
  readonly sigma: number
  readonly minMs: number
  readonly maxMs: number
}

/** Chance that a gap drawn from the law is shorter, before it is held within its limits. */
export function heldGapCdf(law: GapLaw): (gapMs: number) => number {
  const median = heldMedianMs(law)
  return (gapMs) => normalCdf(Math.log(gapMs / median) / law.sigma)
}

/**
 * Quantiles of the held law at 0, 1/cells, ..., 1, scaled so that interpolating between them has
 * the law's exact mean: one draw and no logarithm a gap, for counting millions of visits.
 */
export function heldGapQuantiles(law: GapLaw, cells: number): Float64Array {
  const cdf = heldGapCdf(law)
  const span = [Math.log(law.minMs), Math.log(law.maxMs)] as const
  const quantiles = Float64Array.from({ length: cells + 1 }, (_, i) => {
    const share = i / cells
    if (share <= cdf(law.minMs)) return law.minMs
    if (share >= cdf(law.maxMs)) return law.maxMs
    return Math.exp(solve((log) => cdf(Math.exp(log)) - share, ...span))
  })
  const ends = ((quantiles[0] as number) + (quantiles[cells] as number)) / 2
  const mean = (quantiles.reduce((sum, value) => sum + value, 0) - ends) / cells
  return quantiles.map((value) => (value * law.meanMs) / mean)
}

/** E[min(max, max(min, X))] of a log-normal X, by its partial expectations. */
function heldMeanMs(median: number, { sigma, minMs, maxMs }: GapLaw): number {
  const low = Math.log(minMs / median) / sigma
  const high = Math.log(maxMs / median) / sigma
  const inside = normalCdf(high - sigma) - normalCdf(low - sigma)
  const mean = median * Math.exp((sigma * sigma) / 2)
  return minMs * normalCdf(low) + mean * inside + maxMs * (1 - normalCdf(high))
}

function cumulativeCounts(mu: number, sigma: number, max: number): number[] {
  const below = (pages: number): number => normalCdf((Math.log(pages + 0.5) - mu) / sigma)
  const all = below(max)
  return Array.from({ length: max }, (_, i) => below(i + 1) / all)
}

/** Mean of a law on 1, 2, …: the sum of its tail. */
function meanOf(cumulative: readonly number[]): number {
  return cumulative.reduce((sum, share) => sum + 1 - share, 1)
}

/** Root of an increasing function by bisection to the last bits of a double. */
function solve(rising: (x: number) => number, from: number, to: number): number {
  let low = from
  let high = to
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2
    if (rising(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Abramowitz and Stegun 7.1.26; absolute error under 1.5e-7. */
function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * z)
  const tail =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const erf = 1 - tail * Math.exp(-z * z)
  return x < 0 ? (1 - erf) / 2 : (1 + erf) / 2
}
