/** One question put to a schedule before a packet is sent. */
export interface LoadCheck {
  readonly name: string
  readonly expected: number
  readonly found: number
  /** Largest accepted difference between the two. */
  readonly tolerance: number
  readonly holds: boolean
}

/** Holds when `found` is within `tolerance` of `expected`. */
export function checked(facts: Omit<LoadCheck, 'holds'>): LoadCheck {
  return { ...facts, holds: Math.abs(facts.found - facts.expected) <= facts.tolerance }
}

/**
 * Kolmogorov and Smirnov's distance between `values`, ascending in [0, 1], and the uniform law;
 * 0 for none. Arrival times are rescaled by their rate's running total first.
 */
export function uniformDistance(values: readonly number[]): number {
  return values.reduce((worst, value, i) => {
    const above = (i + 1) / values.length - value
    const below = value - i / values.length
    return Math.max(worst, above, below)
  }, 0)
}

/** Largest distance that chance explains at 1 %; above 100,000 values the effect size 0.01. */
export function uniformDistanceLimit(count: number): number {
  return count > 100_000 ? 0.01 : 1.63 / Math.sqrt(Math.max(1, count))
}

/** Counts or weights by name. */
export type Mix = ReadonlyMap<string, number>

/** Total variation between the shares of two mixes: 0 the same, 1 nothing in common. */
export function totalVariation(a: Mix, b: Mix): number {
  const names = new Set([...a.keys(), ...b.keys()])
  const shareOf = (mix: Mix): ((name: string) => number) => {
    const total = weightOf(mix)
    return (name) => (total === 0 ? 0 : (mix.get(name) ?? 0) / total)
  }
  const [inA, inB] = [shareOf(a), shareOf(b)]
  return [...names].reduce((sum, name) => sum + Math.abs(inA(name) - inB(name)) / 2, 0)
}

/**
 * Total variation accepted between `expected` and `count` draws from it: 0.02, or twice what
 * independent draws show on average where there are too few for that.
 */
export function totalVariationLimit(expected: Mix, count: number): number {
  const total = weightOf(expected)
  const spread = [...expected.values()].reduce((sum, weight) => {
    const share = weight / total
    return sum + Math.sqrt((2 * share * (1 - share)) / (Math.PI * Math.max(1, count))) / 2
  }, 0)
  return Math.max(0.02, 2 * spread)
}

function weightOf(mix: Mix): number {
  return [...mix.values()].reduce((sum, weight) => sum + weight, 0)
}
