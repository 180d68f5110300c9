import type { FastifyRequest } from 'fastify'
import { readOperators, tokenSha256 } from '../keys/operator-store.ts'
import { type KnownOperators, type Operator, operatorOf } from '../keys/operators.ts'

/** Who may look at the operations server and who may change something, as it was set up. */
export interface AuthorityFacts {
  /** The token of the keys folder; whoever holds it may act. */
  readonly token: string
  /** Folder of the operators' file; read at each question, so that a token ends at once. */
  readonly operatorsFolder: string
  /** Names this server answers to, besides loopback ones; anything else is refused (DNS rebinding). */
  readonly hosts: readonly string[]
  readonly readers: 'anyone' | 'operators'
  readonly sso: {
    /** Header field with the user's name; undefined trusts none. */
    readonly field: string | undefined
    /** Addresses the field is believed from. */
    readonly from: readonly string[]
    readonly actors: readonly string[]
  }
}

export interface Authority {
  /** Why this request is not answered, or undefined. */
  refusalOf(
    request: FastifyRequest,
  ): { readonly status: number; readonly error: string } | undefined
  who(request: FastifyRequest): Operator | null
}

/**
 * Reading is open to whoever reaches the port by one of its names, or to operators alone; what
 * changes state wants somebody who may act, and never comes from a page of another site.
 */
export function buildAuthority(facts: AuthorityFacts): Authority {
  const who = (request: FastifyRequest): Operator | null => {
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const ssoUser = userOf(request, facts.sso)
    // Nobody shows anything on most requests; then nothing is read.
    if (bearer === undefined && ssoUser === null) return null
    const tokenHash = bearer === undefined ? null : tokenSha256(bearer)
    return operatorOf({ tokenSha256: tokenHash, ssoUser }, knownOf(facts))
  }
  return {
    who,
    refusalOf: (request) => {
      const host = hostName(request.headers.host ?? '')
      if (!loopbackNames.has(host) && !facts.hosts.includes(host)) {
        return { status: 421, error: `this server does not answer to the name "${host}"` }
      }
      if (request.method !== 'GET' && request.method !== 'HEAD') return changeRefusal(request, who)
      if (facts.readers === 'anyone' || open.has(request.routeOptions.url ?? '')) return undefined
      if (who(request) !== null) return undefined
      return { status: 401, error: 'reading needs an operator’s token or the single sign-on' }
    },
  }
}

/** Load balancers and Prometheus have no token; the page is only paper until it has the feed. */
const open: ReadonlySet<string> = new Set(['/health', '/metrics', '/live'])

function changeRefusal(request: FastifyRequest, who: Authority['who']) {
  // A page of another site may send requests here through an operator's browser.
  if (request.headers.origin !== undefined && !isOwnPage(request)) {
    return { status: 403, error: 'changes are not taken from pages of other sites' }
  }
  const operator = who(request)
  if (operator?.role === 'act') return undefined
  if (operator !== null) return { status: 403, error: `${operator.name} may view, not change` }
  return {
    status: 401,
    error: 'a change needs "Authorization: Bearer" with an operator’s token or operations.token',
  }
}

/** Browsers say so themselves on https and loopback; elsewhere the two names are compared. */
function isOwnPage({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  return /^https?:\/\/(.+)$/.exec(headers.origin ?? '')?.[1] === headers.host
}

function knownOf({ token, operatorsFolder, sso }: AuthorityFacts): KnownOperators {
  const owner = { name: 'operations.token', role: 'act', sha256: tokenSha256(token) } as const
  return { tokens: [owner, ...readOperators(operatorsFolder)], ssoActors: sso.actors }
}

function userOf(request: FastifyRequest, { field, from }: AuthorityFacts['sso']): string | null {
  if (field === undefined) return null
  const address = (request.raw.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const user = request.headers[field.toLowerCase()]
  return typeof user === 'string' && from.includes(address) ? user : null
}

const loopbackNames: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase()
}
