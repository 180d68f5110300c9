/** A quota as GCRA sees it, in integer microseconds. */
export interface GcraLimit {
  /** Time that one unit costs. */
  readonly intervalUs: number
  /** Units that may come at once, as time: `burst × interval`. */
  readonly toleranceUs: number
}

export type GcraDecision =
  | {
      readonly kind: 'allowed'
      /** The new state: when the bucket will be empty again. */
      readonly tatUs: number
      readonly remaining: number
      readonly resetMs: number
    }
  | {
      readonly kind: 'refused'
      readonly retryAfterMs: number
      readonly remaining: number
      readonly resetMs: number
    }

/** The limit of a quota; both of its numbers must be above zero. */
export function gcraLimit(quota: {
  readonly perMinute: number
  readonly burst: number
}): GcraLimit {
  const intervalUs = Math.max(1, Math.ceil(60_000_000 / quota.perMinute))
  return { intervalUs, toleranceUs: Math.floor(intervalUs * quota.burst) }
}

/**
 * May `cost` units pass at `nowUs`? In every window of length t at most `burst + t / interval`
 * units do. `tatUs` is the state kept from the last allowed call, null at first; a refusal changes
 * nothing, so a flood does not push its own end away. O(1).
 *
 * new = max(now, tat) + cost × interval; refused when new − now > tolerance.
 */
export function gcra(input: {
  readonly tatUs: number | null
  readonly limit: GcraLimit
  readonly cost: number
  readonly nowUs: number
}): GcraDecision {
  const { limit, nowUs } = input
  // Further ahead than a full bucket means that time went back or the limit shrank: at most full.
  const tatUs = Math.min(Math.max(nowUs, input.tatUs ?? nowUs), nowUs + limit.toleranceUs)
  // What costs more than the whole bucket takes the whole bucket, or it could never pass.
  const costUs = Math.min(input.cost * limit.intervalUs, limit.toleranceUs)
  const waitUs = tatUs + costUs - nowUs - limit.toleranceUs
  const afterUs = waitUs > 0 ? tatUs : tatUs + costUs
  const remaining = Math.floor((limit.toleranceUs - (afterUs - nowUs)) / limit.intervalUs)
  const resetMs = Math.ceil((afterUs - nowUs) / 1_000)
  return waitUs > 0
    ? { kind: 'refused', retryAfterMs: Math.ceil(waitUs / 1_000), remaining, resetMs }
    : { kind: 'allowed', tatUs: afterUs, remaining, resetMs }
}
