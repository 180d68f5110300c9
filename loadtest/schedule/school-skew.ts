import { normal } from '../../core/distributions.ts'
import { randomStream } from '../../core/random.ts'
import type { SchoolSkew } from './scenario.ts'

/** z of the 95th percentile of a standard normal. */
const z95 = 1.6448536269514722

/**
 * Load of each school over the mean, weighted by `sizes`; their weighted mean is exactly 1.
 * A spread is log-normal: ln(p95/mean) = 1.645 s - s²/2 gives its sigma (0.592 for x10 of x4.5).
 */
export function schoolFactors(
  skew: SchoolSkew | undefined,
  facts: { readonly sizes: readonly number[]; readonly seed: number },
): number[] {
  const { sizes, seed } = facts
  const raw = sizes.map((_, school) => rawFactor(skew, { school, sizes, seed }))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const mean = raw.reduce((sum, factor, i) => sum + factor * (sizes[i] as number), 0) / total
  return raw.map((factor) => factor / mean)
}

function rawFactor(
  skew: SchoolSkew | undefined,
  of: { readonly school: number; readonly sizes: readonly number[]; readonly seed: number },
): number {
  if (skew === undefined) return 1
  switch (skew.kind) {
    case 'spread': {
      const sigma = spreadSigma(skew.p95OverMean)
      return Math.exp(sigma * normal(randomStream(of.seed, 'school', of.school)))
    }
    case 'region':
      return of.school < Math.max(1, Math.round(skew.share * of.sizes.length)) ? skew.factor : 1
  }
}

/** Standard deviation of the logarithm whose 95th percentile is `p95OverMean` means. */
export function spreadSigma(p95OverMean: number): number {
  return z95 - Math.sqrt(z95 * z95 - 2 * Math.log(p95OverMean))
}

/**
 * Moves a place in [0, 1), drawn evenly over all people, so that each school gets `factors` times
 * its size. `ends` are the schools' ends in [0, 1], ascending. O(log schools).
 */
export function skewedPlace(
  ends: readonly number[],
  factors: readonly number[],
): (place: number) => number {
  const drawnEnds: number[] = []
  let drawn = 0
  ends.forEach((end, i) => {
    drawn += (end - (ends[i - 1] ?? 0)) * (factors[i] as number)
    drawnEnds.push(drawn)
  })
  return (place) => {
    const at = place * drawn
    const school = firstAbove(drawnEnds, at)
    const from = drawnEnds[school - 1] ?? 0
    const share = (at - from) / ((drawnEnds[school] as number) - from)
    const begins = ends[school - 1] ?? 0
    return begins + share * ((ends[school] as number) - begins)
  }
}

function firstAbove(ascending: readonly number[], value: number): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] as number) > value) high = middle
    else low = middle + 1
  }
  return low
}
