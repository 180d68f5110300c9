import { createHmac } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Clock } from '../../core/clock.ts'
import type { Answer, Exchange } from '../exchange.ts'
import type { GatewayMeter } from '../metrics.ts'
import type { Stages } from '../pipeline.ts'
import type { Policy } from '../policy/policy.ts'
import { turnAway } from '../turned-away.ts'
import { addressKey } from './address-key.ts'
import {
  type Charge,
  chargesOf,
  type Crowd,
  crowdsOf,
  liveSession,
  refusalReasons,
  type Verdict,
} from './charge.ts'
import { DeniedKeys } from './denied-keys.ts'
import { LiveSessions } from './live-sessions.ts'
import { LocalQuotas } from './local-quotas.ts'
import { loginAccount } from './login-account.ts'
import { peekLoginBody } from './login-body-probe.ts'
import { type MachineFinder, machineFinder } from './machine-clients.ts'
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

/** Quotas by account, address and more. Without Redis each process keeps to its own share. */
export function buildRateLimitStage(deps: RateLimitDependencies): Stages['rateLimit'] {
  const { clock } = deps
  const desk = quotaDesk(deps)
  const denied = new DeniedKeys()

  return async (exchange) => {
    const { cost } = exchange.routing.routeClass
    if (cost === 0 || exchange.policy.stages['rate-limit'] === 'off') return undefined
    const loginTried = await loginOf(exchange, deps.nameKey)
    const nowMs = clock.monotonicMs()
    const asked = desk.ask(exchange, loginTried, nowMs)
    const { charges } = asked
    const known = denied.find(charges, nowMs)
    if (known !== null) return refuse(exchange, charges[known.by] as Charge, known.retryAfterMs)
    const verdict = await desk.decide(asked, { monotonic: nowMs, wall: exchange.wallAtMs })
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

/** What a request would take, and where it counts as live. */
interface Asked {
  readonly charges: readonly Charge[]
  readonly crowds: readonly Crowd[]
  readonly session: string | null
}

/** The buckets, shared where Redis answers and this process's own where it does not. */
function quotaDesk(deps: RateLimitDependencies) {
  const shared = deps.redis === null ? null : sharedQuotas(deps.redis, deps.nameKey)
  const local = new LocalQuotas()
  const sessions = new LiveSessions()
  const finders = new WeakMap<Policy, MachineFinder>()
  const machineOf = (policy: Policy, address: string) => {
    let find = finders.get(policy)
    if (!find) finders.set(policy, (find = machineFinder(policy.limits.machines)))
    return find(address)
  }

  return {
    ask({ identity, policy, routing }: Exchange, login: LoginTried, nowMs: number): Asked {
      const address = addressKey(identity.clientAddress)
      const crowds = crowdsOf(identity, address)
      const session = liveSession(identity)
      if (session !== null) for (const { key } of crowds) sessions.seen(key, session, nowMs)
      const live = { address: 0, school: 0 }
      for (const { kind, key } of crowds) live[kind] = sessions.within(key, nowMs)
      const charges = chargesOf({
        identity,
        address,
        live,
        machine: machineOf(policy, identity.clientAddress),
        limits: policy.limits,
        cost: routing.routeClass.cost,
        loginAccount: loginKey(login, address),
      })
      return { charges, crowds, session }
    },

    async decide(asked: Asked, nowMs: { monotonic: number; wall: number }): Promise<Verdict> {
      const { charges, crowds } = asked
      const reply = (await shared?.charge(asked, nowMs)) ?? null
      if (reply !== null) {
        for (const [i, { key }] of crowds.entries())
          sessions.report(key, reply.live[i] ?? 0, nowMs.monotonic)
        local.note(charges, reply.verdict.standings, nowMs.monotonic)
        return reply.verdict
      }
      if (shared !== null) deps.meter.count('ecluse_limiter_fallback_total', {})
      return local.charge(charges, deps.processes, nowMs.monotonic)
    },
  }
}

/** Hash of the account whose password is tried, where the request says. */
type LoginTried = { readonly account: string } | 'unread' | 'none'

async function loginOf(exchange: Exchange, nameKey: Uint8Array): Promise<LoginTried> {
  const { login } = exchange.routing.routeClass
  const { request, policy } = exchange
  if (login === undefined || policy.limits.login === undefined) return 'none'
  const body = await peekLoginBody(request)
  const contentType = String(request.headers['content-type'] ?? '')
  const account = body && loginAccount(body, { contentType, field: login.accountField })
  if (account === null) return 'unread'
  return { account: createHmac('sha256', nameKey).update(account).digest('base64url').slice(0, 22) }
}

/** A login that hides its account counts for its address. */
function loginKey(login: LoginTried, address: string): string | null {
  if (login === 'none') return null
  return login === 'unread' ? `address ${address}` : login.account
}

function refuse(exchange: Exchange, charge: Charge, retryAfterMs: number): Answer {
  // Nothing is left for this request, whatever fraction of a unit the bucket holds.
  exchange.addedHeaders.push(...quotaFields(charge, { remaining: 0, resetMs: retryAfterMs }))
  const reason = refusalReasons[charge.name]
  return turnAway(exchange, reason, { retryAfterSeconds: retryAfterMs / 1_000 })
}
