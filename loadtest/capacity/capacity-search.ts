/** One load that was tried: did every objective hold? */
export interface Probe {
  readonly multiplier: number
  readonly holds: boolean
}

export type SearchStep =
  | { readonly kind: 'try'; readonly multiplier: number }
  /** Holds at `low`, breaks at `high`; `high` is null when nothing within the limit broke it. */
  | { readonly kind: 'found'; readonly low: number; readonly high: number | null }
  /** Breaks at the least load that is worth trying. */
  | { readonly kind: 'below'; readonly high: number }

export interface SearchLimits {
  readonly from: number
  readonly atMost: number
  /** Ends when high over low is at most one and this. */
  readonly precision: number
}

/**
 * What to try next: half as much again until something breaks, then the geometric middle of the
 * last that held and the first that broke. A bound is doubted once: before the end the load that
 * held is tried again, and three tries decide by majority, so that one lucky or unlucky minute
 * does not make the verdict.
 */
export function nextStep(probes: readonly Probe[], limits: SearchLimits): SearchStep {
  const { from, atMost, precision } = limits
  if (probes.length === 0) return { kind: 'try', multiplier: from }
  const { low, high } = boundsOf(probes)
  if (low === undefined) {
    const least = from / 8
    if (high === undefined || high <= least) return { kind: 'below', high: high ?? least }
    return { kind: 'try', multiplier: Math.max(least, high / 2) }
  }
  if (high === undefined) {
    if (low >= atMost) return { kind: 'found', low, high: null }
    return { kind: 'try', multiplier: Math.min(atMost, low * 1.5) }
  }
  if (high / low > 1 + precision) return { kind: 'try', multiplier: Math.sqrt(low * high) }
  if (isDoubtful(probes, low)) return { kind: 'try', multiplier: low }
  return { kind: 'found', low, high }
}

/** The loads that hold and break by majority; a break below a hold moves the hold down. */
function boundsOf(probes: readonly Probe[]): { low?: number; high?: number } {
  const tried = [...new Set(probes.map(({ multiplier }) => multiplier))].sort((a, b) => a - b)
  const bounds: { low?: number; high?: number } = {}
  for (const multiplier of tried) {
    if (holdsAt(probes, multiplier)) bounds.low = multiplier
    else {
      bounds.high = multiplier
      return bounds
    }
  }
  return bounds
}

function holdsAt(probes: readonly Probe[], multiplier: number): boolean {
  const same = probes.filter((probe) => probe.multiplier === multiplier)
  return same.filter(({ holds }) => holds).length * 2 > same.length
}

/** Tried once, or twice with two answers. */
function isDoubtful(probes: readonly Probe[], multiplier: number): boolean {
  const same = probes.filter((probe) => probe.multiplier === multiplier)
  const held = same.filter(({ holds }) => holds).length
  return same.length < 2 || (same.length === 2 && held === 1)
}

/** "holds up to x6.2 (6.0-6.5)", in the unit in which the load was asked for. */
export function capacityText(step: Exclude<SearchStep, { kind: 'try' }>): string {
  switch (step.kind) {
    case 'below':
      return `does not hold x${shown(step.high)}, the least that was tried`
    case 'found': {
      const { low, high } = step
      if (high === null) return `holds x${shown(low)}, the most that was tried`
      return `holds up to x${shown(Math.sqrt(low * high))} (${shown(low)}-${shown(high)})`
    }
  }
}

function shown(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(value >= 1 ? 1 : 2)
}
