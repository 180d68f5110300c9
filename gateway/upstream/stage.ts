import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { Clock } from '../../core/clock.ts'
import { failureCode } from '../../core/failure.ts'
import { RetryBudget } from '../../core/retry-budget.ts'
import type { Answer, ClientPresence, Exchange } from '../exchange.ts'
import type { GatewayMeter } from '../metrics.ts'
import type { Reason } from '../outcome.ts'
import type { Stages } from '../pipeline.ts'
import { deadlineMsOf } from '../policy/policy.ts'
import { turnAway } from '../turned-away.ts'
import { type AssertionMac, writeAssertion } from './assertion.ts'
import { answerHeaders, requestHeaders } from './header-hygiene.ts'
import type { OriginsClient } from './origins-client.ts'
import { retryAfterMs } from './retries.ts'

export interface UpstreamDependencies {
  readonly clock: Clock
  readonly meter: GatewayMeter
  readonly origin: OriginsClient
  /** Host of the origin, for clients that name none (HTTP/1.0). */
  readonly originHost: string
  readonly assertionMac: AssertionMac
  /** Takes the edge's own cookies out of a Cookie field. */
  readonly withoutOurCookies: (header: string) => string | null
}

/**
 * Sends the request on and streams the answer back, within the class's deadline and with header
 * hygiene. The only place where anything is ever sent again, within a budget: see `retries.ts`.
 */
export function buildUpstreamStage(deps: UpstreamDependencies): Stages['upstream'] {
  const budget = new RetryBudget()
  return async (exchange) => {
    const { request } = exchange
    budget.earn()
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await sendOnce(exchange, attempt, deps)
      } catch (error) {
        const { method, body } = request
        const failed = { code: failureCode(error), method, hasBody: body !== null, attempt }
        const leftMs = timeLeftMs(exchange, deps.clock.monotonicMs())
        const waitMs = retryAfterMs({ ...failed, leftMs }, exchange.jitter)
        if (waitMs === null || !budget.spend()) return answerToFailure(exchange, error)
        await setTimeout(waitMs)
      }
    }
  }
}

async function sendOnce(
  exchange: Exchange,
  attempt: number,
  deps: UpstreamDependencies,
): Promise<Answer> {
  const { request, routing } = exchange
  const sentAtMs = deps.clock.monotonicMs()
  const leftMs = timeLeftMs(exchange, sentAtMs)
  try {
    const { status, headers, body } = await deps.origin.fetch({
      method: request.method,
      target: request.target,
      headers: headersFor(exchange, { leftMs, attempt }, deps),
      body: request.body as Readable | null,
      timeoutMs: leftMs,
      presence: isSafe(request.method) ? request.presence : heardOut,
      // People without a session go anywhere, each time anew.
      key: exchange.identity.sessionKey ?? String(exchange.jitter),
      isSafe: isSafe(request.method) && request.body === null,
      isBypassed: exchange.policy.isBypassed === true,
    })
    const originMs = deps.clock.monotonicMs() - sentAtMs
    exchange.upstream = { status, originMs }
    deps.meter.observe(
      'ecluse_origin_seconds',
      { class: routing.routeClass.name, server: routing.routeClass.servedBy ?? 'portal' },
      originMs / 1e3,
    )
    return {
      status,
      headers: answerHeaders(headers),
      body,
      outcome: { kind: 'served', from: 'origin' },
    }
  } catch (error) {
    exchange.upstream = { status: null, originMs: deps.clock.monotonicMs() - sentAtMs }
    throw error
  }
}

function timeLeftMs(exchange: Exchange, nowMs: number): number {
  return Math.max(1, deadlineMsOf(exchange) - (nowMs - exchange.startedAtMs))
}

function headersFor(
  exchange: Exchange,
  { leftMs, attempt }: { readonly leftMs: number; readonly attempt: number },
  deps: UpstreamDependencies,
): string[] {
  const { request, identity } = exchange
  const cookie = request.headers['cookie']
  const added = [
    'ecluse-deadline-ms',
    String(Math.floor(leftMs)),
    'ecluse-attempt',
    String(attempt),
  ]
  const key = request.headers['idempotency-key']
  if (exchange.origin === 'apply' && identity.principal && typeof key === 'string') {
    const facts = { principal: identity.principal, key, nowMs: exchange.wallAtMs }
    added.push('ecluse-assertion', writeAssertion(facts, deps.assertionMac))
  }
  return requestHeaders(request.headerLines, {
    clientAddress: identity.clientAddress,
    host: String(request.headers['host'] ?? deps.originHost),
    scheme: isSecure(exchange) ? 'https' : 'http',
    cookie: typeof cookie === 'string' ? deps.withoutOurCookies(cookie) : null,
    added,
  })
}

// RFC 9110 §9.2.1. What may change something is done by the origin whoever waits, and its answer
// may say whose the session is now: leaving does not make it unsaid.
function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE'
}

const heardOut: ClientPresence = { isGone: false, onGone: () => undefined }

/** The proxy in front usually ends TLS; its word counts when the policy trusts hops. */
function isSecure({ request, policy }: Exchange): boolean {
  const isTrusted = policy.session.trustedHops > 0
  return request.isSecure || (isTrusted && request.headers['x-forwarded-proto'] === 'https')
}

/** What people get when the origin fails, and nobody when they have left. */
function answerToFailure(exchange: Exchange, error: unknown): Answer {
  const code = failureCode(error)
  if (code === 'client-gone') {
    return { status: 499, headers: [], body: null, outcome: { kind: 'abandoned' } }
  }
  if (code === undefined || !originReasons.has(code)) throw error
  return turnAway(exchange, code as Reason, { retryAfterSeconds: 5 })
}

const originReasons: ReadonlySet<string> = new Set([
  'origin-down',
  'origin-unreachable',
  'origin-timeout',
  'origin-invalid',
] satisfies Reason[])
