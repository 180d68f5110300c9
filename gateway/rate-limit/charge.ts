import type { IdentityFacts } from '../exchange.ts'
import type { LimitRules, Quota } from '../policy/policy.ts'

/** What one request takes from one bucket. */
export interface Charge {
  readonly name: 'account' | 'address'
  readonly key: string
  readonly quota: Quota
  readonly cost: number
}

/** Where a bucket stands after the decision. */
export interface Standing {
  readonly remaining: number
  readonly resetMs: number
}

/** All charges were taken, or none; `by` is the index of the charge that was refused. */
export type Verdict =
  | { readonly kind: 'allowed'; readonly standings: readonly Standing[] }
  | {
      readonly kind: 'refused'
      readonly by: number
      readonly retryAfterMs: number
      readonly standings: readonly Standing[]
    }

/**
 * The buckets a request takes from: the person's, and the address's, which is as large as the live
 * sessions seen behind it need: a school of a thousand is one address.
 */
export function chargesOf(facts: {
  readonly identity: IdentityFacts
  /** As `addressKey` gives it. */
  readonly address: string
  readonly limits: LimitRules
  readonly cost: number
  readonly sessionsBehindAddress: number
}): readonly Charge[] {
  const { identity, limits, cost, sessionsBehindAddress } = facts
  const { addressPerSession } = limits
  const charges: Charge[] = []
  const account = accountKey(identity)
  if (account !== null) charges.push({ name: 'account', key: account, quota: limits.account, cost })
  charges.push({
    name: 'address',
    key: `a:${facts.address}`,
    quota: {
      perMinute: limits.address.perMinute + addressPerSession.perMinute * sessionsBehindAddress,
      burst: limits.address.burst + addressPerSession.burst * sessionsBehindAddress,
    },
    cost,
  })
  return charges
}

/** The live session that makes its address's bucket larger; one nobody vouches for does not. */
export function liveSession(identity: IdentityFacts): string | null {
  return identity.isInside || identity.principal !== null ? accountKey(identity) : null
}

function accountKey({ principal, sessionKey }: IdentityFacts): string | null {
  if (principal !== null) return `u:${principal.user}`
  return sessionKey === null ? null : `s:${sessionKey}`
}
