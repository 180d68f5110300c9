/** How the generator itself fared; ms and ratios (0 to 1). */
export interface GeneratorHealth {
  /** Session start: intended to actual. */
  readonly startLagP99Ms: number
  readonly startLagMaxMs: number
  /** Page start: intended (the page before plus think time) to actual. */
  readonly pageLagP99Ms: number
  readonly eventLoopDelayP99Ms: number
  readonly cpuRatio: number
  readonly sessionsScheduled: number
  readonly sessionsStarted: number
  readonly deliveredRatio: number
  /** Sessions the cap on concurrent sessions kept out. */
  readonly notStarted: number
  /** Requests that failed for want of a port or a file descriptor here. */
  readonly localFailures: number
}

export interface GeneratorVerdict {
  readonly verdict: 'valid' | 'invalid'
  /** One sentence each; empty when valid. */
  readonly reasons: readonly string[]
}

/** Limits inclusive; beyond one of them the run says nothing about the target. */
export interface GeneratorTolerances {
  readonly startLagP99Ms: number
  readonly startLagMaxMs: number
  readonly pageLagP99Ms: number
  readonly eventLoopDelayP99Ms: number
  readonly cpuRatio: number
}

export const defaultTolerances: GeneratorTolerances = Object.freeze({
  startLagP99Ms: 50,
  startLagMaxMs: 1_000,
  pageLagP99Ms: 50,
  eventLoopDelayP99Ms: 20,
  cpuRatio: 0.8,
})

/**
 * Whether the load was delivered as planned. The page rate needs no second simulation: page
 * starts are intended at completion plus think time, so a p99 of their lag within tolerance
 * says that the adaptive page rate was delivered.
 */
export function judgeGenerator(
  health: GeneratorHealth,
  tolerances: GeneratorTolerances,
): GeneratorVerdict {
  const reasons: string[] = []
  for (const [name, what, unit] of limits) {
    if (health[name] > tolerances[name]) {
      reasons.push(`${what} was ${round(health[name])}${unit}, at most ${tolerances[name]}${unit}.`)
    }
  }
  const missing = health.sessionsScheduled - health.sessionsStarted
  if (missing > 0) {
    reasons.push(
      `${missing} of ${health.sessionsScheduled} scheduled sessions were not started` +
        ` (${health.notStarted} kept out by the cap on concurrent sessions).`,
    )
  }
  if (health.localFailures > 0) {
    reasons.push(`${health.localFailures} requests found no free port or file descriptor here.`)
  }
  return { verdict: reasons.length === 0 ? 'valid' : 'invalid', reasons }
}

const limits = [
  ['startLagP99Ms', 'Start lag p99', ' ms'],
  ['startLagMaxMs', 'Start lag maximum', ' ms'],
  ['pageLagP99Ms', 'Page lag p99', ' ms'],
  ['eventLoopDelayP99Ms', 'Event-loop delay p99', ' ms'],
  ['cpuRatio', 'Processor use', ' of one core'],
] as const satisfies readonly (readonly [keyof GeneratorTolerances, string, string])[]

function round(value: number): number {
  return Math.round(value * 100) / 100
}
