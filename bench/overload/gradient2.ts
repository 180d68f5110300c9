import type { ConcurrencyControl, SlotUse } from '../../gateway/admission/adaptive-limit.ts'
import { ServiceTimes } from '../../gateway/admission/service-times.ts'
import type { GateRules } from '../../gateway/policy/policy.ts'

/** Gradient2 of Netflix/concurrency-limits with its defaults. */
const initialLimit = 20
const minLimit = 20
const maxLimit = 200
const queueSize = 4
const smoothing = 0.2
const longWindow = 600

/**
 * The best-known adaptive limit, as a peer: `limit = gradient × limit + queue`, the gradient being
 * a long average of the service time over a recent one. The long average follows what it sees, so
 * an overload that lasts becomes the usual, and the limit goes up and up.
 */
export function gradient2(_rules: GateRules): ConcurrencyControl {
  let estimate = initialLimit
  let longMs: number | null = null
  let inFlightNow = 0
  return {
    times: new ServiceTimes(),
    slowness: null,
    get limit() {
      return Math.floor(estimate)
    },
    isQuiet: () => false,
    setRules: () => undefined,
    held(inFlight: number): void {
      inFlightNow = inFlight
    },
    ended({ serviceMs, end }: SlotUse): void {
      if (end !== 'answered') return
      longMs = longMs === null ? serviceMs : longMs + (2 / (longWindow + 1)) * (serviceMs - longMs)
      if (longMs / serviceMs > 2) longMs *= 0.95
      if (inFlightNow < estimate / 2) return
      const gradient = Math.min(1, Math.max(0.5, (1.5 * longMs) / serviceMs))
      const wished = gradient * estimate + queueSize
      const next = estimate * (1 - smoothing) + wished * smoothing
      estimate = Math.min(maxLimit, Math.max(minLimit, next))
    },
  }
}
