import type { Exchange, Principal } from '../exchange.ts'
import { type CacheRules, stageState } from '../policy/policy.ts'
import { scopeOf } from './audience.ts'
import { type CodingSet, codingSetOf } from './codings.ts'
import { isReload, type RequestDirectives, requestDirectivesOf } from './request-directives.ts'
import type { Shape } from './storability.ts'
import { selectingValue } from './vary.ts'

/** Why a request neither asks the cache nor feeds it. */
export const bypassReasons = [
  'switched-off',
  'method',
  'body',
  'precondition',
  'authorization',
  'connection',
  'not-inside',
] as const

export type BypassReason = (typeof bypassReasons)[number]

/** A request that a stored answer could fit. */
export interface Question {
  readonly kind: 'question'
  readonly isHead: boolean
  readonly resource: string
  /** The resource and what counts of the query: what answers are remembered by. */
  readonly uri: string
  readonly path: string
  readonly codingSet: CodingSet
  /** Null for a request with credentials too: whom they name is not known here. */
  readonly principal: Principal | null
  /** Where the asker's own pages are kept; null when they are not. */
  readonly ownScope: string | null
  readonly rules: CacheRules | undefined
  readonly headers: Exchange['request']['headers']
  /** What the client's own Cache-Control asks for. */
  readonly asks: RequestDirectives
  /** The client would rather have a newer one. */
  readonly isReload: boolean
  /** A part of it is asked for: only a stored answer gives one. */
  readonly isRange: boolean
  /** It carries credentials: what they open is theirs unless the answer says otherwise. */
  readonly isAuthorized: boolean
}

export type Request =
  | Question
  | { readonly kind: 'unsafe'; readonly resource: string }
  | { readonly kind: 'bypass'; readonly reason: BypassReason }

/** By these an origin may take a GET for another method. */
const overrides = ['x-http-method-override', 'x-http-method', 'x-method-override']

/** What a request is to the cache. */
export function readRequest(exchange: Exchange): Request {
  const { request, routing, identity } = exchange
  if (stageState(exchange, 'cache') === 'off') return { kind: 'bypass', reason: 'switched-off' }
  const resource = resourceOf(exchange, routing.path)
  const { method, headers } = request
  if (mayChangeState(exchange)) return { kind: 'unsafe', resource }
  if (method !== 'GET' && method !== 'HEAD') return { kind: 'bypass', reason: 'method' }
  const reason = bypassReason(exchange)
  if (reason) return { kind: 'bypass', reason }
  const rules = routing.routeClass.cache
  const asks = requestDirectivesOf(headers)
  const isAuthorized = headers['authorization'] !== undefined
  return {
    kind: 'question',
    isHead: method === 'HEAD',
    resource,
    uri: `${resource}?${countingQuery(routing.query, rules)}`,
    path: routing.path,
    codingSet: codingSetOf(String(headers['accept-encoding'] ?? '')),
    principal: isAuthorized ? null : identity.principal,
    ownScope: null,
    rules,
    headers,
    asks,
    isReload: isReload(asks),
    isRange: headers['range'] !== undefined && method === 'GET',
    isAuthorized,
  }
}

/** What an unsafe request on this path invalidates, on the host that the request is for. */
export function resourceOf({ request }: Pick<Exchange, 'request'>, path: string): string {
  // Names of hosts are the same in capitals (RFC 9110 §4.2.3).
  const host = String(request.headers['host'] ?? '').toLowerCase()
  return `${request.isSecure ? 'https' : 'http'}://${host}${path}`
}

/** May the request change something at the origin, by its class or else by its method? */
export function mayChangeState({ request, routing }: Exchange): boolean {
  const { changesState } = routing.routeClass
  if (changesState !== undefined) return changesState
  const { method, headers } = request
  // RFC 9110 §9.2.1; a method we do not know may do anything.
  if (method === 'OPTIONS' || method === 'TRACE') return false
  if (method !== 'GET' && method !== 'HEAD') return true
  return overrides.some((name) => headers[name] !== undefined)
}

function bypassReason({ request, routing, identity }: Exchange): BypassReason | null {
  const { headers } = request
  if (request.body !== null) return 'body'
  if (headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined) {
    return 'precondition'
  }
  const { routeClass } = routing
  // Scopes are of the session's principal; who an Authorization names is not known here, and only
  // what is for everybody needs no name.
  if (headers['authorization'] !== undefined && routeClass.cache?.audience !== 'public') {
    return 'authorization'
  }
  // RFC 9110 §7.6.1: fields that Connection names do not reach the origin; no key may count on them.
  if (namesFields(headers['connection'])) return 'connection'
  const mayEnter = identity.isInside || identity.principal !== null
  return routeClass.isInside && !mayEnter ? 'not-inside' : null
}

function namesFields(connection: string | readonly string[] | undefined): boolean {
  return !/^[\s,]*(?:(?:close|keep-alive)[\s,]*)*$/i.test(String(connection ?? ''))
}

function countingQuery(query: string, rules: CacheRules | undefined): string {
  const bare = query.startsWith('?') ? query.slice(1) : query
  const ignored = rules?.ignoreQuery
  if (bare === '' || !ignored || ignored.length === 0) return bare
  // Some origins part a query at `;` too: behind an ignored name may stand one that counts.
  const isCounted = (pair: string) =>
    pair.includes(';') || !ignored.includes(pair.split('=', 1)[0] ?? '')
  return bare.split('&').filter(isCounted).join('&')
}

/**
 * The key of an answer of this shape to this question, or null when the asker is not known to be
 * of its audience. Line ends part it, because none can occur in what it is made of.
 */
export function keyOf(question: Question, shape: Shape): string | null {
  const scope = scopeOf(shape.audience, question)
  if (scope === null) return null
  let key = `${scope}\n${question.codingSet}\n${question.uri}`
  for (const name of shape.vary) key += `\n${name}: ${selectingValue(name, question.headers)}`
  return key
}
