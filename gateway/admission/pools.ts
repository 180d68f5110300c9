import type { GateRules, OriginServer, RouteClass } from '../policy/policy.ts'

/** Whose slots and line a request of the class takes. */
export function poolOf({ servedBy }: RouteClass, rules: GateRules): OriginServer {
  if (servedBy !== 'identity-provider' || rules.identityProvider === undefined) return 'portal'
  return 'identity-provider'
}

/**
 * The rules of one pool. The identity provider's limit is what the policy says: it is somebody
 * else's, and that it is slow tells nothing about how many logins it bears at once.
 */
export function poolRules(pool: OriginServer, rules: GateRules): GateRules {
  if (pool === 'portal' || rules.identityProvider === undefined) return rules
  return { ...rules, ...rules.identityProvider, limit: 'fixed' }
}
