import { type Access, type Credentials, checkAccess } from './access.ts'
import {
  type Answer,
  appliedAnswer,
  errorAnswer,
  identityField,
  pageAnswer,
  redirectAnswer,
  refusedAnswer,
} from './answers.ts'
import type { AssertionKey } from './assertion.ts'
import type { Capacity } from './capacity.ts'
import type { LedgerStore } from './ledger-store.ts'
import { formExample, personOfForm } from './login-form.ts'
import type { RouteIds } from './routes.ts'
import { fileWorkerMs, type ServiceClass, serviceClasses } from './service-model.ts'
import type { SessionTable } from './session-table.ts'
import type { TicketTable } from './tickets.ts'

/** One request for a service of the portal, its body already there. */
export interface Call {
  readonly service: string
  readonly ids: RouteIds
  readonly pathname: string
  readonly query: string
  readonly credentials: Credentials
  /** The login form's text; empty for every other body, of which only the hash is kept. */
  readonly form: string
  readonly bodyHash: string
}

/** An answer and the database time it would have cost an idle portal. */
export interface Served {
  readonly answer: Answer
  readonly nominalMs: number
  /** The work was done and the client never hears of it. */
  readonly isLost?: boolean
}

/** Everything the portal remembers and how it is configured. */
export interface Portal {
  readonly capacity: Capacity
  readonly sessions: SessionTable
  readonly tickets: TicketTable
  readonly ledger: LedgerStore
  readonly assertionKey: AssertionKey | undefined
  readonly ecluseFields: boolean
  readonly deduplicates: boolean
  readonly sessionLock: 'off' | 'writes' | 'all'
  readonly newName: () => string
  readonly nowMs: () => number
  readonly wallMs: () => number
  duplicatesRefused: number
}

/** Serves one call on the worker that holds it: access, computation, database, effect. */
export async function serveCall(portal: Portal, call: Call): Promise<Served> {
  const shape = serviceClasses[call.service]
  if (shape === undefined) throw new Error(`no service class ${call.service}`)
  const access = checkAccess(
    { ...call, kind: shape.kind, nowMs: portal.nowMs(), wallMs: portal.wallMs() },
    portal,
  )
  if (access.kind === 'refused') {
    await portal.capacity.compute(fileWorkerMs)
    return { answer: refusedAnswer(access.reason, shape.kind), nominalMs: 0 }
  }
  const work = () => workFor(portal, { call, shape, access })
  const key = lockKeyOf(portal.sessionLock, shape, access)
  return key === undefined ? work() : portal.capacity.locked(key, work)
}

interface GrantedCall {
  readonly call: Call
  readonly shape: ServiceClass
  readonly access: Exclude<Access, { kind: 'refused' }>
}

async function workFor(portal: Portal, granted: GrantedCall): Promise<Served> {
  const { capacity } = portal
  const { shape, call } = granted
  await capacity.compute(shape.workerMs)
  if (shape.kind === 'login') {
    const refusal = await loginRefusal(portal, call)
    if (refusal !== undefined) return { answer: refusal, nominalMs: 0 }
  }
  if (shape.kind === 'write' && capacity.faults.readOnly) {
    return { answer: errorAnswer(503, 'read-only'), nominalMs: 0 }
  }
  const nominalMs = await capacity.query(shape.databaseMs)
  if (capacity.drawsError()) return { answer: errorAnswer(500, 'fault'), nominalMs }
  const answer = effectOf(portal, granted)
  return { answer, nominalMs, isLost: shape.kind === 'write' && capacity.losesAnswer() }
}

async function loginRefusal(portal: Portal, call: Call): Promise<Answer | undefined> {
  if (!(await portal.capacity.askIdentityProvider())) return errorAnswer(503, 'identity-provider')
  const reading = personOfForm(call.form)
  return reading.kind === 'ok' ? undefined : loginRejection(reading.reason)
}

function loginRejection(reason: 'form' | 'password'): Answer {
  return errorAnswer(reason === 'password' ? 401 : 400, `${reason}: expected ${formExample}`)
}

/** What the call changes and answers; nothing else runs between its reads and its writes. */
function effectOf(portal: Portal, { call, shape, access }: GrantedCall): Answer {
  switch (shape.kind) {
    case 'public':
      return pageAnswer({ ...call, shape, ecluseFields: portal.ecluseFields })
    case 'login':
      return issueTicket(portal, call)
    case 'ticket':
      return openSession(portal, call)
    case 'logout':
      return closeSession(portal, access)
    case 'shell':
    case 'read':
      return personalPage(portal, { call, shape, access })
    case 'write':
      return applyWrite(portal, { call, shape, access })
    case 'telemetry':
      return { status: 204, headers: {}, body: '', isUseful: true }
  }
}

function issueTicket(portal: Portal, call: Call): Answer {
  const reading = personOfForm(call.form)
  if (reading.kind === 'rejected') return loginRejection(reading.reason)
  const ticket = `ST-${portal.newName()}`
  portal.tickets.issue(ticket, reading.person, portal.nowMs())
  return redirectAnswer(`/auth/return?ticket=${ticket}`, {})
}

function openSession(portal: Portal, call: Call): Answer {
  const nowMs = portal.nowMs()
  const ticket = new URLSearchParams(call.query).get('ticket') ?? ''
  const person = portal.tickets.redeem(ticket, nowMs)
  if (person === undefined) return redirectAnswer('/auth/login', {})
  const session = portal.sessions.open(person, nowMs)
  if (session === undefined) return errorAnswer(503, 'session-table-full')
  const identity = portal.ecluseFields ? { 'ecluse-identity': identityField(person) } : {}
  const cookie = `PORTALSESSION=${session.id}; Path=/; HttpOnly; SameSite=Lax`
  return redirectAnswer('/portal/home', { ...identity, 'set-cookie': cookie })
}

function closeSession(portal: Portal, access: Access): Answer {
  if (access.kind !== 'own') return errorAnswer(401, 'session')
  portal.sessions.close(access.session.id)
  const cookie = 'PORTALSESSION=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0'
  const identity = portal.ecluseFields ? { 'ecluse-identity': '?0' } : {}
  const location = `/schools/${access.person.school}`
  return redirectAnswer(location, { ...identity, 'set-cookie': cookie })
}

function personalPage(portal: Portal, { call, shape, access }: GrantedCall): Answer {
  if (access.kind !== 'own') return errorAnswer(401, 'session')
  const page = { ...call, shape, person: access.person, ecluseFields: portal.ecluseFields }
  if (call.service !== 'me') return pageAnswer(page)
  const formToken = portal.sessions.formTokenOf(access.session, portal.nowMs())
  return pageAnswer({ ...page, formToken })
}

function applyWrite(portal: Portal, { call, access }: GrantedCall): Answer {
  const key = call.credentials.idempotencyKey
  if (key === undefined || access.kind === 'open') return errorAnswer(400, 'idempotency-key')
  const { person } = access
  const first = portal.deduplicates ? portal.ledger.find(person.user, key) : undefined
  if (first !== undefined) {
    portal.duplicatesRefused += 1
    return appliedAnswer({ ...first, person, isRepeat: true })
  }
  const { order } = portal.ledger.append({
    key,
    principal: person.user,
    hash: call.bodyHash,
    kind: call.service,
    atMs: portal.wallMs(),
  })
  return appliedAnswer({ order, key, person, isRepeat: false })
}

function lockKeyOf(
  lock: Portal['sessionLock'],
  shape: ServiceClass,
  access: Access,
): string | undefined {
  if (access.kind !== 'own' || lock === 'off') return undefined
  return lock === 'all' || shape.kind === 'write' ? access.session.id : undefined
}
