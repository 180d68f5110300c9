import type { RandomStream } from './random.ts'

/** Exponential with the given mean, in the mean's unit. */
export function exponential(random: RandomStream, mean: number): number {
  return -mean * Math.log(1 - random.next())
}

/** Standard normal by Box and Muller; two draws a value. */
export function normal(random: RandomStream): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()))
  return radius * Math.cos(2 * Math.PI * random.next())
}

/** Log-normal with the given median; `sigma` is the standard deviation of the logarithm. */
export function logNormal(random: RandomStream, median: number, sigma: number): number {
  return median * Math.exp(sigma * normal(random))
}

/** Log-normal with the given mean: its median is `mean / exp(sigma²/2)`. */
export function logNormalOfMean(random: RandomStream, mean: number, sigma: number): number {
  return logNormal(random, mean / Math.exp((sigma * sigma) / 2), sigma)
}

/** Index drawn in proportion to `weights`, which need not sum to one. O(n). */
export function weightedIndex(random: RandomStream, weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let left = random.next() * total
  for (let i = 0; i < weights.length; i += 1) {
    left -= weights[i] as number
    if (left < 0) return i
  }
  return weights.length - 1
}
