import type { MonotonicMs, WallMs } from '../../core/clock.ts'
import type { ClientRequest, Exchange, IdentityFacts } from '../../gateway/exchange.ts'
import {
  type GateRules,
  type Policy,
  type RouteClass,
  unknownClass,
} from '../../gateway/policy/policy.ts'

/** A gate of one fixed size, so that a test can count its slots. */
export const openGate: GateRules = {
  maxInFlight: 8,
  limit: 'fixed',
  minInFlight: 1,
  maxQueued: 64,
  applyShareRatio: 0.2,
  schoolWeights: {},
}

/** A policy with every stage on and generous limits; tests change what they are about. */
export const openPolicy: Policy = {
  version: 1,
  session: { cookie: 'PORTALSESSION', trustedHops: 0, passSeconds: 3600 },
  stages: {
    cache: 'enforce',
    coalescing: 'enforce',
    'waiting-room': 'enforce',
    'rate-limit': 'enforce',
    'write-absorption': 'enforce',
    admission: 'enforce',
  },
  gate: openGate,
  limits: {
    account: { perMinute: 600, burst: 200 },
    address: { perMinute: 6_000, burst: 2_000 },
    addressPerSession: { perMinute: 120, burst: 40 },
  },
  waitingRoom: {
    targetPressureRatio: 1.2,
    entrySlotSeconds: 2.5,
    minInside: 20,
    maxInside: 100_000,
    idleSeconds: 120,
  },
  classes: [],
  closed: [],
}

export interface ExchangeChanges {
  readonly method?: string
  readonly target?: string
  readonly headers?: Record<string, string>
  readonly routeClass?: RouteClass
  readonly identity?: Partial<IdentityFacts>
  readonly policy?: Partial<Policy>
  readonly atMs?: number
  readonly origin?: Exchange['origin']
  readonly body?: ClientRequest['body']
}

/** One request as the stages see it, after routing and identity. */
export function exchangeFor(changes: ExchangeChanges = {}): Exchange {
  const target = changes.target ?? '/'
  const [path = '/', query = ''] = target.split('?', 2)
  const headers = changes.headers ?? {}
  return {
    request: {
      method: changes.method ?? 'GET',
      target,
      headers,
      headerLines: Object.entries(headers).flat(),
      body: changes.body ?? null,
      socketAddress: '127.0.0.1',
      isSecure: false,
      presence: { isGone: false, onGone: () => undefined },
    },
    startedAtMs: (changes.atMs ?? 0) as MonotonicMs,
    wallAtMs: (1_584_345_300_000 + (changes.atMs ?? 0)) as WallMs,
    policy: { ...openPolicy, ...changes.policy },
    jitter: 0.5,
    origin: changes.origin ?? 'client',
    routing: { routeClass: changes.routeClass ?? unknownClass, path, query },
    identity: {
      clientAddress: '127.0.0.1',
      sessionKey: null,
      principal: null,
      isInside: false,
      ...changes.identity,
    },
    cache: undefined,
    admission: undefined,
    upstream: undefined,
    addedHeaders: [],
  }
}
