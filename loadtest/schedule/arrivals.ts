import type { RandomStream } from '../../core/random.ts'
import { type StepCurve, totalOf, whenReached } from './step-curve.ts'

/**
 * Exactly `count` arrivals of the Poisson process whose rate is `curve`, in order.
 *
 * Conditioned inversion: given their number, the arrivals are the order statistics of `count`
 * uniforms under the inverse of the running total; the sorted uniforms are made one at a time,
 * u <- 1 - (1-u) V^(1/(count-k)), so that totals are exact and nothing is sorted.
 */
export function* conditionedArrivals(random: RandomStream, curve: StepCurve, count: number) {
  const total = totalOf(curve)
  let left = 1
  for (let k = 0; k < count; k += 1) {
    left *= (1 - random.next()) ** (1 / (count - k))
    yield whenReached(curve, (1 - left) * total)
  }
}

/** As many arrivals under `curve`, one in each of `count` equal parts of its total, in order. */
export function* stratifiedArrivals(random: RandomStream, curve: StepCurve, count: number) {
  const part = totalOf(curve) / count
  for (let k = 0; k < count; k += 1) yield whenReached(curve, (k + random.next()) * part)
}

/**
 * Value `n` of the evenly spread sequence number `dimension` (0, 1 or 2), in [0, 1).
 *
 * A Kronecker sequence on powers of the generalised golden ratio g (g⁴ = g + 1): any stretch of
 * it covers [0, 1) evenly, and so do the three together. It stands in for independent uniforms
 * where totals must be right for a few hundred sessions, not only on average; being a function
 * of `n`, it can be asked for any session alone.
 */
export function evenlySpread(shift: number, n: number, dimension: 0 | 1 | 2): number {
  const value = shift + n * (ratios[dimension] as number)
  return value - Math.floor(value)
}

const golden = 1.2207440846057596
const ratios = [1 / golden, 1 / golden ** 2, 1 / golden ** 3]

/**
 * Place number `ordinal` of a scattered walk through `count` places: every place once, then the
 * same again. Steps of about the golden section, without a common factor with `count`.
 */
export function scattered(ordinal: number, count: number): number {
  let step = Math.max(1, Math.round(count * 0.6180339887))
  while (commonFactor(step, count) !== 1) step += 1
  return ((ordinal % count) * step) % count
}

function commonFactor(a: number, b: number): number {
  return b === 0 ? a : commonFactor(b, a % b)
}
