import { type AssertionKey, readAssertion } from './assertion.ts'
import type { RouteIds } from './routes.ts'
import type { ServiceKind } from './service-model.ts'
import type { Person, PortalSession, SessionTable } from './session-table.ts'

/** What a request brings to prove who sent it and that it meant to. */
export interface Credentials {
  readonly sessionId: string | undefined
  readonly formToken: string | undefined
  readonly idempotencyKey: string | undefined
  readonly assertion: string | undefined
}

export type AccessRefusal =
  | 'session'
  | 'form-token'
  | 'idempotency-key'
  | 'assertion'
  | 'foreign-school'
  | 'foreign-class'

export type Access =
  | { readonly kind: 'open' }
  | { readonly kind: 'own'; readonly person: Person; readonly session: PortalSession }
  | { readonly kind: 'on-behalf'; readonly person: Person }
  | { readonly kind: 'refused'; readonly reason: AccessRefusal }

/** Printable ASCII without spaces, so that a key is the same bytes everywhere. */
const keyForm = /^[\x21-\x7e]{1,200}$/

/** Whether the portal does what is asked, and for whom. A session found is a session seen. */
export function checkAccess(
  call: {
    readonly kind: ServiceKind
    readonly ids: RouteIds
    readonly credentials: Credentials
    readonly nowMs: number
    readonly wallMs: number
  },
  portal: { readonly sessions: SessionTable; readonly assertionKey: AssertionKey | undefined },
): Access {
  const { kind, credentials, nowMs } = call
  if (kind === 'public' || kind === 'login' || kind === 'ticket') return { kind: 'open' }
  const hasKey = keyForm.test(credentials.idempotencyKey ?? '')
  if (kind === 'write' && !hasKey) return refused('idempotency-key')
  if (kind === 'write' && credentials.assertion !== undefined) {
    return onBehalf(call, portal.assertionKey)
  }
  const { sessionId } = credentials
  const session = sessionId === undefined ? undefined : portal.sessions.find(sessionId, nowMs)
  if (session === undefined) return refused('session')
  const { person } = session
  if (call.ids.school !== undefined && call.ids.school !== person.school) {
    return refused('foreign-school')
  }
  if (call.ids.class !== undefined && call.ids.class !== person.classId) {
    return refused('foreign-class')
  }
  const needsToken = kind === 'write' || kind === 'logout'
  if (needsToken && !portal.sessions.mayWrite(session, credentials.formToken ?? '', nowMs)) {
    return refused('form-token')
  }
  return { kind: 'own', person, session }
}

/** An assertion names the school but no class: whoever signed it has checked the class. */
function onBehalf(
  call: {
    readonly ids: RouteIds
    readonly credentials: Credentials
    readonly wallMs: number
  },
  key: AssertionKey | undefined,
): Access {
  const { assertion = '', idempotencyKey } = call.credentials
  if (key === undefined) return refused('assertion')
  const reading = readAssertion(assertion, { key, wallMs: call.wallMs, idempotencyKey })
  if (reading.kind === 'refused') return refused('assertion')
  const { person } = reading
  if (call.ids.school !== undefined && call.ids.school !== person.school) {
    return refused('foreign-school')
  }
  return { kind: 'on-behalf', person }
}

function refused(reason: AccessRefusal): Access {
  return { kind: 'refused', reason }
}
