import { BoundedMap } from './bounded-map.ts'
import type { Charge } from './charge.ts'

/** Not longer, so that a larger quota in a new policy is seen within seconds. */
const rememberedMs = 5_000

interface Denial {
  readonly untilMs: number
  readonly retryAtMs: number
  readonly cost: number
}

/** Keys refused a moment ago: refusing them again costs no round trip. Bounded. */
export class DeniedKeys {
  private readonly denials: BoundedMap<Denial>

  constructor(maxKeys = 10_000) {
    this.denials = new BoundedMap(maxKeys)
  }

  remember(charge: Charge, retryAfterMs: number, nowMs: number): void {
    const untilMs = nowMs + Math.min(rememberedMs, retryAfterMs)
    this.denials.set(charge.key, { untilMs, retryAtMs: nowMs + retryAfterMs, cost: charge.cost })
  }

  /** The first charge that is known to be refused still, or null. */
  find(
    charges: readonly Charge[],
    nowMs: number,
  ): { readonly by: number; readonly retryAfterMs: number } | null {
    for (const [by, charge] of charges.entries()) {
      const denial = this.denials.get(charge.key)
      if (denial === undefined) continue
      if (nowMs >= denial.untilMs) this.denials.delete(charge.key)
      // A cheaper request may pass where a dearer one did not.
      else if (charge.cost >= denial.cost) return { by, retryAfterMs: denial.retryAtMs - nowMs }
    }
    return null
  }
}
