import type { AccessRefusal } from './access.ts'
import { canaryOf, filePage, htmlPage, jsonPage } from './pages.ts'
import type { Audience, ServiceClass } from './service-model.ts'
import type { Person } from './session-table.ts'

/** A whole answer of the portal. Text bodies are ASCII. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
  /** False when the work helped nobody: refused, failed, or a repeat of what was done before. */
  readonly isUseful: boolean
}

const html = { 'content-type': 'text/html; charset=utf-8' }
const json = { 'content-type': 'application/json' }
const neverStored = { 'cache-control': 'no-store' }

const nobody: Person = { user: '', school: '', classId: '', role: '' }

/** A page, list, item or document, marked with its owner and sized as its service class says. */
export function pageAnswer(page: {
  readonly service: string
  readonly shape: ServiceClass
  readonly pathname: string
  readonly person?: Person
  readonly ecluseFields: boolean
  readonly formToken?: string
}): Answer {
  const { service, shape, pathname, person = nobody, formToken } = page
  const canary = canaryOf(shape.audience, person)
  const headers: Record<string, string> = { 'cache-control': cacheControlOf(shape) }
  if (page.ecluseFields) Object.assign(headers, sharingFields[shape.audience])
  if (shape.kind === 'public' || shape.kind === 'shell') {
    const body = htmlPage({ title: service, canary, bytes: shape.bytes })
    return { status: 200, headers: { ...headers, ...html }, body, isUseful: true }
  }
  if (service === 'document') {
    headers['content-type'] = 'application/pdf'
    const body = filePage(`%PDF-1.4 ${pathname} ${canary} `, shape.bytes)
    return { status: 200, headers, body, isUseful: true }
  }
  if (formToken !== undefined) headers['x-form-token'] = formToken
  const fields = { canary, service, path: pathname, ...meOf(person, formToken) }
  const body = jsonPage(fields, shape.bytes)
  return { status: 200, headers: { ...headers, ...json }, body, isUseful: true }
}

/** A browser asking for a page goes to the login form; scripts are told in JSON. */
export function refusedAnswer(reason: AccessRefusal, kind: ServiceClass['kind']): Answer {
  if (reason === 'session' && kind === 'shell') return redirectAnswer('/auth/login', {})
  const status = refusalStatus[reason]
  return errorAnswer(status, reason)
}

export function errorAnswer(status: number, error: string): Answer {
  const body = JSON.stringify({ error })
  return { status, headers: { ...json, ...neverStored }, body, isUseful: false }
}

/** 303 to `location`; useful when it moves a login or logout forward. */
export function redirectAnswer(
  location: string,
  headers: Readonly<Record<string, string>>,
): Answer {
  const isUseful = location !== '/auth/login'
  return { status: 303, headers: { ...neverStored, ...headers, location }, body: '', isUseful }
}

/** 201 for an applied write; a repeat gets the first answer's body again. */
export function appliedAnswer(applied: {
  readonly order: number
  readonly key: string
  readonly person: Person
  readonly isRepeat: boolean
}): Answer {
  const { order, key, person, isRepeat } = applied
  const canary = canaryOf('user', person)
  const body = JSON.stringify({ id: `w${order}`, key, canary })
  return { status: 201, headers: { ...json, ...neverStored }, body, isUseful: !isRepeat }
}

/** The structured field that binds a session to its person (RFC 9651 dictionary). */
export function identityField(person: Person): string {
  const { user, school, role, classId } = person
  return `user="${user}", school="${school}", role="${role}", groups=("${classId}")`
}

const refusalStatus: Readonly<Record<AccessRefusal, number>> = {
  session: 401,
  assertion: 401,
  'form-token': 403,
  'foreign-school': 403,
  'foreign-class': 403,
  'idempotency-key': 400,
}

/** What an edge that understands the portal may do with an answer, by audience. */
const sharingFields: Readonly<Record<Audience, Readonly<Record<string, string>>>> = {
  public: { 'ecluse-audience': 'public' },
  role: {
    'ecluse-audience': 'role',
    'ecluse-cache-control': 'max-age=60, stale-if-error=86400',
  },
  school: {
    'ecluse-audience': 'school',
    'ecluse-cache-control': 'max-age=30, stale-while-revalidate=60, stale-if-error=3600',
  },
  group: { 'ecluse-audience': 'group', 'ecluse-cache-control': 'max-age=15' },
  user: {},
}

function cacheControlOf(shape: ServiceClass): string {
  if (shape.audience === 'public') return 'public, max-age=60, stale-if-error=86400'
  return shape.isStrict ? 'private, no-store' : 'private, no-cache'
}

function meOf(person: Person, formToken: string | undefined): object {
  return formToken === undefined ? {} : { ...person, formToken }
}
