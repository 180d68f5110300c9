/** What the edge says of itself to load balancers and people on call. */
export interface EdgeHealth {
  /** May new requests be sent here? */
  readonly isReady: boolean
  readonly state: 'ready' | 'draining'
  /** Designed states the edge is in now, in words; empty on a good day. */
  readonly degraded: readonly string[]
}

/** What the edge knows of its surroundings at this moment. */
export interface Surroundings {
  readonly isDraining: boolean
  readonly volatileRedis: 'up' | 'down' | 'not configured'
  /** Purges of other processes may have been missed. */
  readonly isPurgeBlind: boolean
  readonly durableRedis: 'up' | 'down' | 'not configured'
  readonly refusedAbsorption: string | null
  /** Acknowledged writes that wait in the spool; null without one. */
  readonly spooled: number | null
}

/** Losing a Redis degrades the edge, it does not take it out: it stays ready and says so. */
export function edgeHealth(surroundings: Surroundings): EdgeHealth {
  const degraded: string[] = []
  if (surroundings.volatileRedis === 'down') {
    degraded.push('volatile Redis is lost: each process counts its own share of the quotas')
  }
  if (surroundings.isPurgeBlind) {
    degraded.push('purges of others are not read: stored answers are given only where public')
  }
  if (surroundings.durableRedis === 'down') {
    const what = surroundings.spooled === null ? 'turned away' : 'kept in the spool'
    degraded.push(`durable Redis is lost: writes that would be absorbed are ${what}`)
  }
  if (surroundings.spooled !== null && surroundings.spooled > 0) {
    degraded.push(`${surroundings.spooled} acknowledged writes wait in the spool`)
  }
  if (surroundings.refusedAbsorption !== null) {
    degraded.push(`writes: ${surroundings.refusedAbsorption}`)
  }
  const state = surroundings.isDraining ? 'draining' : 'ready'
  return { isReady: !surroundings.isDraining, state, degraded }
}
