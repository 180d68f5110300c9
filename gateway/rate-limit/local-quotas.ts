import { gcra, gcraLimit } from '../../core/gcra.ts'
import { BoundedMap } from './bounded-map.ts'
import type { BucketKind, Charge, Standing, Verdict } from './charge.ts'

/**
 * The buckets of this process alone, for when the shared ones do not answer: the same arithmetic
 * at this process's share of each quota. Bounded: beyond `maxKeys` of a kind the oldest buckets are
 * forgotten, each kind by itself, so that a flood of made-up sessions frees neither the address it
 * comes from nor anybody's account. O(1).
 */
export class LocalQuotas {
  private readonly tatUs: Readonly<Record<BucketKind, BoundedMap<number>>>

  constructor(maxKeys = 100_000) {
    const bounded = () => new BoundedMap<number>(maxKeys)
    const [account, device, address] = [bounded(), bounded(), bounded()]
    this.tatUs = {
      account,
      device,
      address,
      school: bounded(),
      login: bounded(),
      machine: bounded(),
    }
  }

  get size(): number {
    return Object.values(this.tatUs).reduce((sum, map) => sum + map.size, 0)
  }

  /**
   * Where the shared buckets stand, so that losing them fills nobody's. What is used up is a time,
   * and the same of a share as of the whole.
   */
  note(charges: readonly Charge[], standings: readonly Standing[], nowMs: number): void {
    for (const [i, { resetMs }] of standings.entries()) {
      const { name, key } = charges[i] as Charge
      this.tatUs[name].set(key, Math.floor((nowMs + resetMs) * 1_000))
    }
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
