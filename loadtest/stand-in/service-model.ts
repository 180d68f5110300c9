import type { PortalPage } from '../../scenarios/portals/portal.ts'

/** Who may see an answer: everybody, one role, one school, one class, one person. */
export type Audience = 'public' | 'role' | 'school' | 'group' | 'user'

/** What the portal does for a service class; decides access rules and effects. */
export type ServiceKind =
  | 'public'
  | 'login'
  | 'ticket'
  | 'logout'
  | 'shell'
  | 'read'
  | 'write'
  | 'telemetry'

/** The cost and shape of one service class of the model portal. */
export interface ServiceClass {
  readonly kind: ServiceKind
  /** Mean time on a worker outside the database. */
  readonly workerMs: number
  /** Mean time on a database slot; 0 when the database is not asked. */
  readonly databaseMs: number
  /** Size of the answer's body. */
  readonly bytes: number
  readonly audience: Audience
  /** Strict answers are `no-store`: messages, marks, absences, personal files. */
  readonly isStrict: boolean
}

/** Spread of service times: standard deviation of the logarithm. */
export const serviceTimeSigma = 0.5

const service = (
  kind: ServiceKind,
  cost: Pick<ServiceClass, 'workerMs' | 'databaseMs' | 'bytes'>,
  more: Partial<ServiceClass> = {},
): ServiceClass => ({ kind, audience: 'user', isStrict: false, ...cost, ...more })

const read = (databaseMs: number, bytes: number, more: Partial<ServiceClass> = {}) =>
  service('read', { workerMs: 15, databaseMs, bytes }, more)

const write = (databaseMs: number, bytes = 200) =>
  service('write', { workerMs: 15, databaseMs, bytes }, { isStrict: true })

/**
 * Costs assumed for a Java or PHP portal: a dynamic request of a page asks the database for
 * about 110 ms on average. Sizes are those of such portals with gzip on the wire; `document` is
 * a fifth of a typical lesson PDF, so that a rehearsal does not measure copying over loopback.
 */
export const serviceClasses: Readonly<Record<string, ServiceClass>> = {
  'school-page': service(
    'public',
    { workerMs: 2, databaseMs: 0, bytes: 25_000 },
    { audience: 'public' },
  ),
  'login-page': service(
    'public',
    { workerMs: 2, databaseMs: 0, bytes: 8_000 },
    { audience: 'public' },
  ),
  login: service('login', { workerMs: 25, databaseMs: 250, bytes: 200 }, { isStrict: true }),
  ticket: service('ticket', { workerMs: 10, databaseMs: 40, bytes: 200 }, { isStrict: true }),
  logout: service('logout', { workerMs: 5, databaseMs: 20, bytes: 200 }, { isStrict: true }),
  shell: service('shell', { workerMs: 15, databaseMs: 80, bytes: 8_000 }, { audience: 'role' }),
  me: read(90, 1_000, { isStrict: true }),
  feed: read(180, 10_000),
  counter: read(60, 300),
  'own-list': read(130, 6_000),
  'own-item': read(80, 2_000),
  'class-list': read(130, 6_000, { audience: 'group' }),
  'class-item': read(110, 2_000, { audience: 'group' }),
  'school-list': read(120, 6_000, { audience: 'school' }),
  'school-item': read(100, 2_000, { audience: 'school' }),
  document: read(110, 120_000, { audience: 'school' }),
  'strict-list': read(140, 6_000, { isStrict: true }),
  'strict-item': read(110, 2_000, { isStrict: true }),
  tick: write(40),
  'message-send': write(110),
  'hand-in': write(120),
  publish: write(110),
  attendance: write(60),
  upload: write(150),
  telemetry: service('telemetry', { workerMs: 5, databaseMs: 20, bytes: 0 }, { isStrict: true }),
}

/** Work a worker does to refuse a request or to hand out a file; the database is not asked. */
export const fileWorkerMs = 1

/** Mean database time of one request of the service class; unknown classes are a mistake of ours. */
export function databaseMsOf(name: string): number {
  const found = serviceClasses[name]
  if (found === undefined) throw new Error(`no service class ${name} in the stand-in's model`)
  return found.databaseMs
}

/**
 * Mean database time of one visit of `page` by `role`, writes weighted by their chance.
 * Capacity in pages per second = 1000 · slots / this.
 */
export function pageDatabaseMs(page: PortalPage, role: keyof PortalPage['writes'][0]['chance']) {
  const reads = [page.document, ...page.data].reduce(
    (sum, request) => sum + databaseMsOf(request.service),
    0,
  )
  return page.writes.reduce(
    (sum, write) => sum + (write.chance[role] ?? 0) * databaseMsOf(write.service),
    reads,
  )
}
