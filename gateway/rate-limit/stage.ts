import type { Redis } from 'ioredis'
import type { Clock } from '../../core/clock.ts'
import type { Answer, Exchange } from '../exchange.ts'
import type { GatewayMeter } from '../metrics.ts'
import type { Stages } from '../pipeline.ts'
import { turnAway } from '../turned-away.ts'
import { addressKey } from './address-key.ts'
import { type Charge, chargesOf, liveSession, type Verdict } from './charge.ts'
import { DeniedKeys } from './denied-keys.ts'
import { LiveSessions } from './live-sessions.ts'
import { LocalQuotas } from './local-quotas.ts'
import { quotaFields } from './quota-fields.ts'
import { sharedQuotas } from './shared-quotas-store.ts'

export interface RateLimitDependencies {
  /** The volatile Redis; null counts in this process alone. */
  readonly redis: Redis | null
  /** Secret under which accounts and addresses are hashed before they leave this process. */
  readonly nameKey: Uint8Array
  readonly clock: Clock
  readonly meter: GatewayMeter
  /** Processes of the edge among which a quota is shared when Redis does not answer. */
  readonly processes: number
}

/** Quotas by account and by address. Without Redis each process keeps to its own share. */
export function buildRateLimitStage(deps: RateLimitDependencies): Stages['rateLimit'] {
  const { clock, meter } = deps
  const shared = deps.redis === null ? null : sharedQuotas(deps.redis, deps.nameKey)
  const local = new LocalQuotas()
  const denied = new DeniedKeys()
  const sessions = new LiveSessions()

  const decide = async (
    exchange: Exchange,
    charges: readonly Charge[],
    { address, nowMs }: { address: string; nowMs: number },
  ): Promise<Verdict> => {
    const count = { address, session: liveSession(exchange.identity) }
    const times = { monotonic: nowMs, wall: exchange.wallAtMs }
    const reply = (await shared?.charge(charges, count, times)) ?? null
    if (reply !== null) {
      sessions.report(address, reply.sessionsBehindAddress, nowMs)
      return reply.verdict
    }
    if (shared !== null) meter.count('ecluse_limiter_fallback_total', {})
    return local.charge(charges, deps.processes, nowMs)
  }

  return async (exchange) => {
    const { cost } = exchange.routing.routeClass
    if (cost === 0 || exchange.policy.stages['rate-limit'] === 'off') return undefined
    const nowMs = clock.monotonicMs()
    const { identity, policy } = exchange
    const address = addressKey(identity.clientAddress)
    const session = liveSession(identity)
    if (session !== null) sessions.seen(address, session, nowMs)
    const sessionsBehindAddress = sessions.behind(address, nowMs)
    const { limits } = policy
    const charges = chargesOf({ identity, address, limits, cost, sessionsBehindAddress })
    const known = denied.find(charges, nowMs)
    if (known !== null) return refuse(exchange, charges[known.by] as Charge, known.retryAfterMs)
    const verdict = await decide(exchange, charges, { address, nowMs })
    exchange.rateLimit = { redisMs: clock.monotonicMs() - nowMs }
    switch (verdict.kind) {
      case 'allowed': {
        const [charge, standing] = [charges[0], verdict.standings[0]]
        if (charge && standing) exchange.addedHeaders.push(...quotaFields(charge, standing))
        return undefined
      }
      case 'refused': {
        const charge = charges[verdict.by] as Charge
        denied.remember(charge, verdict.retryAfterMs, nowMs)
        return refuse(exchange, charge, verdict.retryAfterMs)
      }
    }
  }
}

function refuse(exchange: Exchange, charge: Charge, retryAfterMs: number): Answer {
  // Nothing is left for this request, whatever fraction of a unit the bucket holds.
  exchange.addedHeaders.push(...quotaFields(charge, { remaining: 0, resetMs: retryAfterMs }))
  return turnAway(exchange, `quota-${charge.name}`, { retryAfterSeconds: retryAfterMs / 1_000 })
}
