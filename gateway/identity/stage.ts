import { createHmac } from 'node:crypto'
import { parseDictionary } from 'structured-headers'
import type { Answer, Exchange, HeaderLines, Principal } from '../exchange.ts'
import type { Stages } from '../pipeline.ts'
import type { BindingStore } from './binding-store.ts'
import { clientAddress } from './client-address.ts'
import { cookieSet, cookieValue } from './cookies.ts'
import { type IdentityStatement, identityStatement } from './identity-field.ts'
import {
  isDueForRenewal,
  type Pass,
  passCookie,
  passCookieLine,
  readPass,
  type SigningPort,
  writePass,
} from './pass.ts'

export interface IdentityDependencies {
  readonly keys: SigningPort
  /** Secret under which session cookies are hashed; the raw value is never kept. */
  readonly sessionHashKey: Uint8Array
  readonly store: BindingStore
  /** Does this request carry a valid admission of the waiting room, not yet bound to a session? */
  hasAdmission(exchange: Exchange): boolean
  /** A session has just become somebody's. */
  onLogin(principal: Principal): void
}

/** Recognises who asks, and keeps what the origin says about whose session it is. */
export function buildIdentityStage(deps: IdentityDependencies): Stages['identity'] {
  const { store } = deps
  const { keyOf, knownPass, addPass } = passDesk(deps)

  return {
    recognise(exchange) {
      const { request, policy, wallAtMs } = exchange
      const cookies = joined(request.headers['cookie'], '; ')
      const session = cookieValue(cookies, policy.session.cookie)
      const sessionKey = session === null ? null : keyOf(session)
      const passText = sessionKey === null ? null : cookieValue(cookies, passCookie)
      const isEnded = sessionKey !== null && store.ended.has(sessionKey)
      const pass =
        sessionKey !== null && passText !== null && !isEnded
          ? knownPass(passText, sessionKey, wallAtMs)
          : null
      const learnt = sessionKey === null || isEnded ? undefined : store.bindings.get(sessionKey)
      const principal = learnt ?? pass?.principal ?? null
      exchange.identity = {
        clientAddress: clientAddress({
          socketAddress: request.socketAddress,
          forwardedFor: joined(request.headers['x-forwarded-for'], ','),
          trustedHops: policy.session.trustedHops,
        }),
        sessionKey,
        principal,
        isInside: principal !== null || deps.hasAdmission(exchange),
      }
      if (pass && sessionKey !== null && isDueForRenewal(pass, wallAtMs)) {
        addPass(exchange, sessionKey, principal ?? pass.principal)
      }
    },

    bind(exchange, answer) {
      const field = valueOf(answer.headers, identityField)
      if (field === null) return answer
      const session = sessionAfter(exchange, answer.headers)
      const sessionKey = session === undefined ? exchange.identity.sessionKey : keyOf(session)
      const statement = readField(field)
      if (sessionKey !== null && statement.kind === 'bound') {
        const before = store.bindings.get(sessionKey)?.user
        if (before !== statement.principal.user) deps.onLogin(statement.principal)
        store.bindings.set(sessionKey, statement.principal)
        store.ended.delete(sessionKey)
        addPass(exchange, sessionKey, statement.principal)
      } else if (exchange.identity.sessionKey !== null && statement.kind === 'ended') {
        store.bindings.delete(exchange.identity.sessionKey)
        store.ended.set(exchange.identity.sessionKey, true)
        exchange.addedHeaders.push('set-cookie', passCookieLine('', 0))
      }
      return { ...answer, headers: without(answer.headers, identityField) }
    },
  }
}

/** Hashing of session cookies; reading of passes, each verified once; writing of new ones. */
function passDesk({ keys, sessionHashKey, store }: IdentityDependencies) {
  return {
    keyOf: (cookie: string): string =>
      createHmac('sha256', sessionHashKey).update(cookie).digest('base64url').slice(0, 24),

    knownPass(value: string, sessionKey: string, nowMs: number): Pass | null {
      const known = store.passes.get(value)
      if (known) return known.sessionKey === sessionKey && nowMs < known.expiresAtMs ? known : null
      const pass = readPass(value, { sessionKey, nowMs }, keys)
      if (pass) store.passes.set(value, pass)
      return pass
    },

    addPass(exchange: Exchange, sessionKey: string, principal: Principal): void {
      const { passSeconds } = exchange.policy.session
      const issuedAtMs = exchange.wallAtMs
      const expiresAtMs = issuedAtMs + passSeconds * 1_000
      const value = writePass({ sessionKey, principal, issuedAtMs, expiresAtMs }, keys)
      exchange.addedHeaders.push('set-cookie', passCookieLine(value, passSeconds))
    },
  }
}

const identityField = 'ecluse-identity'

/** The session cookie this answer sets, if it sets one: a login usually changes it. */
function sessionAfter(exchange: Exchange, headers: HeaderLines): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    if ((headers[i] as string).toLowerCase() !== 'set-cookie') continue
    const cookie = cookieSet(headers[i + 1] as string)
    if (cookie?.name === exchange.policy.session.cookie && cookie.value !== null) {
      return cookie.value
    }
  }
  return undefined
}

function readField(field: string): IdentityStatement {
  if (field.trim() === '?0') return { kind: 'ended' }
  try {
    const members = new Map<string, unknown>()
    for (const [name, [value]] of parseDictionary(field)) {
      members.set(name, Array.isArray(value) ? value.map(([item]) => item) : value)
    }
    return identityStatement(members)
  } catch {
    // RFC 9651 §4.2: a field that does not parse is ignored whole.
    return { kind: 'malformed' }
  }
}

function valueOf(headers: HeaderLines, name: string): string | null {
  for (let i = 0; i < headers.length; i += 2) {
    if ((headers[i] as string).toLowerCase() === name) return headers[i + 1] as string
  }
  return null
}

function without(headers: HeaderLines, name: string): Answer['headers'] {
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    if ((headers[i] as string).toLowerCase() !== name) {
      kept.push(headers[i] as string, headers[i + 1] as string)
    }
  }
  return kept
}

function joined(value: string | readonly string[] | undefined, by: string): string | undefined {
  return typeof value === 'object' ? value.join(by) : value
}
