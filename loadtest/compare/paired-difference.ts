import { randomStream } from '../../core/random.ts'

/** The same stretch of two runs of one schedule. */
export interface PairedWindow {
  readonly before: number
  readonly after: number
}

/** How much more the second run has, as a share of the first, with its 99 % interval. */
export interface PairedDifference {
  readonly ratio: number
  readonly low: number
  readonly high: number
  readonly windows: number
}

/** Fewer windows than this give no interval worth the name. */
export const windowsMin = 6

/**
 * The relative difference of the means, with a bootstrap interval over the windows (2,000 draws,
 * Efron's percentiles). Pairing takes away what both runs share: the same people at the same
 * times. Of 99 %: over a dozen windows the bootstrap's 95 % is too narrow, and raised a false
 * alarm in 3.3 % of simulated pairs. Null for too few windows or nothing to compare with.
 */
export function pairedDifference(
  windows: readonly PairedWindow[],
  seed: number,
): PairedDifference | null {
  if (windows.length < windowsMin) return null
  const ratioOf = (rows: readonly PairedWindow[]): number => {
    const before = rows.reduce((sum, row) => sum + row.before, 0)
    const after = rows.reduce((sum, row) => sum + row.after, 0)
    return after / before - 1
  }
  const ratio = ratioOf(windows)
  if (!Number.isFinite(ratio)) return null
  const random = randomStream(seed, 'bootstrap')
  const draws = Array.from({ length: 2_000 }, () =>
    ratioOf(windows.map(() => windows[Math.floor(random.next() * windows.length)] as PairedWindow)),
  ).sort((a, b) => a - b)
  return { ratio, low: draws[10] as number, high: draws[1_989] as number, windows: windows.length }
}

/** Worse than the noise and worse than anybody would care about: both, or it is no regression. */
export function isRegression(difference: PairedDifference | null, leastRatio: number): boolean {
  return difference !== null && difference.low > 0 && difference.ratio > leastRatio
}
