import type { IdentityFacts } from '../exchange.ts'
import type { Reason } from '../outcome.ts'
import type { LimitRules, MachineClient, Quota } from '../policy/policy.ts'

/** Whose bucket it is, as the `RateLimit` fields name it. */
export type BucketKind = 'account' | 'device' | 'address' | 'school' | 'login' | 'machine'

/** What one request takes from one bucket. */
export interface Charge {
  readonly name: BucketKind
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

/** A person is told of their own pace, whether it was the account's or the device's. */
export const refusalReasons: Readonly<Record<BucketKind, Reason>> = {
  account: 'quota-account',
  device: 'quota-account',
  address: 'quota-address',
  school: 'quota-school',
  login: 'quota-login',
  machine: 'quota-machine',
}

/** Where live sessions are counted together, as `crowdsOf` names it. */
export interface Crowd {
  readonly kind: 'address' | 'school'
  readonly key: string
}

/** The crowds that a request belongs to: who is behind its address, and its school. */
export function crowdsOf({ principal }: IdentityFacts, address: string): readonly Crowd[] {
  const crowds: Crowd[] = [{ kind: 'address', key: address }]
  const school = principal?.school ?? null
  if (school !== null) crowds.push({ kind: 'school', key: `school ${school}` })
  return crowds
}

export interface ChargeFacts {
  readonly identity: IdentityFacts
  /** As `addressKey` gives it. */
  readonly address: string
  /** The declared client behind that address; it is nobody's account. */
  readonly machine: MachineClient | null
  readonly limits: LimitRules
  readonly cost: number
  /** Live sessions in each crowd of `crowdsOf`. */
  readonly live: Readonly<Record<Crowd['kind'], number>>
  /** Hash of the account that somebody tries a password of; null for any other request. */
  readonly loginAccount: string | null
}

/**
 * The buckets a request takes from, the narrowest first. The address's is as large as the live
 * sessions seen behind it need, because a school of a thousand is one address; those who are known
 * and those who are not have one each, so that strangers at an address cannot use up what its
 * pupils need.
 */
export function chargesOf(facts: ChargeFacts): readonly Charge[] {
  const { identity, limits, cost, live, machine } = facts
  if (machine !== null) {
    return [{ name: 'machine', key: `m:${machine.name}`, quota: machine, cost }]
  }
  const charges = ownCharges(identity, limits, cost)
  if (facts.loginAccount !== null && limits.login !== undefined) {
    charges.push({ name: 'login', key: `l:${facts.loginAccount}`, quota: limits.login, cost: 1 })
  }
  charges.push({
    name: 'address',
    key: `${liveSession(identity) === null ? 'x' : 'a'}:${facts.address}`,
    quota: enlarged(limits.address, limits.addressPerSession, live.address),
    cost,
  })
  const school = identity.principal?.school ?? null
  if (school !== null && limits.school !== undefined) {
    const quota = enlarged(limits.school.base, limits.school.perSession, live.school)
    charges.push({ name: 'school', key: `c:${school}`, quota, cost })
  }
  return charges
}

/** The live session that makes its address's bucket larger; one nobody vouches for does not. */
export function liveSession({ isInside, principal, sessionKey }: IdentityFacts): string | null {
  if (principal !== null) return `u:${principal.user}`
  return isInside && sessionKey !== null ? `s:${sessionKey}` : null
}

function ownCharges(identity: IdentityFacts, limits: LimitRules, cost: number): Charge[] {
  const { principal, sessionKey } = identity
  const charges: Charge[] = []
  if (principal !== null) {
    charges.push({ name: 'account', key: `u:${principal.user}`, quota: limits.account, cost })
  }
  // Somebody known has a bucket for each device only where one is declared.
  const device = principal === null ? (limits.device ?? limits.account) : limits.device
  if (sessionKey !== null && device !== undefined) {
    charges.push({ name: 'device', key: `s:${sessionKey}`, quota: device, cost })
  }
  return charges
}

function enlarged(base: Quota, perSession: Quota, sessions: number): Quota {
  return {
    perMinute: base.perMinute + perSession.perMinute * sessions,
    burst: base.burst + perSession.burst * sessions,
  }
}
