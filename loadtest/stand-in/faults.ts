/** What is wrong with the portal at the moment; changed while it runs. */
export interface Faults {
  /** Multiplies every service time. */
  readonly slowFactor: number
  /** Share of requests answered 500 after the work was done; their writes are not applied. */
  readonly errorShare: number
  /** Nothing in service advances; requests keep arriving. */
  readonly stalled: boolean
  /** Added to every answer of the identity provider. */
  readonly identitySlowMs: number
  /** The identity provider refuses everybody. */
  readonly refuseLogins: boolean
  /** The database has failed over: reads are served, writes are answered 503. */
  readonly readOnly: boolean
  /** Share of writes that are applied and whose answer never arrives: the connection is cut. */
  readonly lostAnswerShare: number
}

/** A portal in good health. */
export const noFaults: Faults = Object.freeze({
  slowFactor: 1,
  errorShare: 0,
  stalled: false,
  identitySlowMs: 0,
  refuseLogins: false,
  readOnly: false,
  lostAnswerShare: 0,
})

export type FaultsReading =
  | { readonly kind: 'ok'; readonly faults: Faults }
  | { readonly kind: 'rejected'; readonly problems: readonly string[] }

const limits: Readonly<Record<string, readonly [min: number, max: number]>> = {
  slowFactor: [0.01, 1_000],
  errorShare: [0, 1],
  identitySlowMs: [0, 600_000],
  lostAnswerShare: [0, 1],
}

/** `current` with the given fields replaced; all or nothing, every problem named. */
export function changeFaults(current: Faults, change: unknown): FaultsReading {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) {
    return { kind: 'rejected', problems: ['faults: expected a JSON object of faults to set.'] }
  }
  const problems = Object.entries(change).flatMap(([name, value]) => problemWith(name, value))
  if (problems.length > 0) return { kind: 'rejected', problems }
  return { kind: 'ok', faults: Object.freeze({ ...current, ...change }) }
}

function problemWith(name: string, value: unknown): readonly string[] {
  if (!Object.hasOwn(noFaults, name)) {
    return [`${name}: no such fault; known faults: ${Object.keys(noFaults).join(', ')}.`]
  }
  const range = limits[name]
  if (range === undefined) {
    return typeof value === 'boolean' ? [] : [`${name}: expected true or false.`]
  }
  const [min, max] = range
  if (typeof value === 'number' && value >= min && value <= max) return []
  return [`${name}: expected a number from ${min} to ${max}, found ${JSON.stringify(value)}.`]
}
