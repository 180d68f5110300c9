import { gcra, gcraLimit } from '../../core/gcra.ts'
import { BoundedMap } from './bounded-map.ts'
import type { Charge, Verdict } from './charge.ts'

/**
 * The buckets of this process alone, for when the shared ones do not answer: the same arithmetic
 * at this process's share of each quota. Bounded: beyond `maxKeys` of a kind the oldest buckets are
 * forgotten, accounts apart from addresses, so that a flood of made-up sessions cannot free the
 * address it comes from. O(1).
 */
export class LocalQuotas {
  private readonly tatUs: Readonly<Record<Charge['name'], BoundedMap<number>>>

  constructor(maxKeys = 100_000) {
    this.tatUs = { account: new BoundedMap(maxKeys), address: new BoundedMap(maxKeys) }
  }

  get size(): number {
    return this.tatUs.account.size + this.tatUs.address.size
  }

  /** All charges are taken, or none. */
  charge(charges: readonly Charge[], processes: number, nowMs: number): Verdict {
    const nowUs = Math.floor(nowMs * 1_000)
    const decisions = charges.map(({ name, key, quota, cost }) => {
      const perMinute = quota.perMinute / processes
      const limit = gcraLimit({ perMinute, burst: Math.max(1, quota.burst / processes) })
      return gcra({ tatUs: this.tatUs[name].get(key) ?? null, limit, cost, nowUs })
    })
    let by = -1
    let retryAfterMs = 0
    for (const [i, decision] of decisions.entries()) {
      if (decision.kind === 'allowed' || decision.retryAfterMs <= retryAfterMs) continue
      by = i
      retryAfterMs = decision.retryAfterMs
    }
    if (by >= 0) return { kind: 'refused', by, retryAfterMs, standings: decisions }
    for (const [i, decision] of decisions.entries()) {
      const { name, key } = charges[i] as Charge
      if (decision.kind === 'allowed') this.tatUs[name].set(key, decision.tatUs)
    }
    return { kind: 'allowed', standings: decisions }
  }
}
