/**
 * Replays an exported schedule in k6 2: one iteration is one session, which starts when the
 * schedule says so and measures every page from its intended start. A late session starts late
 * and says so. Needs nothing but the schedule beside it.
 *
 *   k6 run -e BASE_URL=http://127.0.0.1:8080 replay.ts
 */
import { check, sleep } from 'k6'
import { SharedArray } from 'k6/data'
import exec from 'k6/execution'
import http, { type RefinedResponse } from 'k6/http'
import { Counter, Gauge, Rate, Trend } from 'k6/metrics'
import type { Options } from 'k6/options'

type Answer = RefinedResponse<'text'>
type Method = 'GET' | 'POST' | 'PUT'
interface Call {
  method: Method
  path: string
  service: string
  bodyBytes?: number
  expect?: number
}
interface Write extends Call {
  name: string
}
interface Page {
  document: Call
  data: Call[]
  assets: string[]
  writes: Write[]
}
interface Session {
  /** Ms from the origin at which this session acts first: a login, or a page when warm. */
  atMs: number
  /** Logs in during the prelude, so many ms after its start; absent for people who arrive. */
  warmMs?: number
  account: number
  school: number
  classId: number
  role: string
  logsOut: boolean
  pages: { type: string; thinkMs: number; item: number; writes: number[] }[]
}
interface Run {
  preludeMs: number
  durationMs: number
  deadlineMs: number
  vus: number
  portal: { login: Call[]; logout: Call; pages: Record<string, Page> }
  phases: { name: string; fromMs: number; toMs: number }[]
}

const run = new SharedArray<Run>('run', () => [JSON.parse(open('./run.json'))])[0] as Run
const sessions = new SharedArray<Session>('sessions', () => JSON.parse(open('./sessions.json')))
const base = __ENV['BASE_URL'] ?? 'http://127.0.0.1:8080'
const runId = __ENV['RUN_ID'] ?? 'k6'

const origin = new Gauge('run_origin')
const startLag = new Trend('session_start_lag', true)
const ended = new Counter('sessions_ended')
const pageLag = new Trend('page_lag', true)
const response = new Trend('page_response', true)
const pageOk = new Rate('page_ok')
const attempts = new Counter('page_attempts')
const loginOk = new Rate('login_ok')
const acknowledged = new Counter('writes_acknowledged')

export const options: Options = {
  scenarios: {
    replay: {
      executor: 'shared-iterations',
      exec: 'session',
      vus: Math.min(run.vus, sessions.length),
      iterations: sessions.length,
      maxDuration: `${Math.ceil((run.preludeMs + run.durationMs) / 1000) + 30}s`,
      gracefulStop: '10s',
    },
  },
  thresholds: {
    // The generator's own verdict, before the portal's.
    session_start_lag: ['p(99)<50'],
    page_ok: ['rate>0.995'],
  },
  discardResponseBodies: false,
  summaryTrendStats: ['count', 'min', 'med', 'p(95)', 'p(99)', 'max'],
}

export function session(): void {
  const person = sessions[exec.scenario.iterationInTest] as Session
  if (play(person)) ended.add(1)
}

/** False when the run was over before the session could begin. */
function play(person: Session): boolean {
  const originMs = exec.scenario.startTime + run.preludeMs
  const now = (): number => Date.now() - originMs
  if (exec.scenario.iterationInTest === 0) origin.add(originMs)
  const state = { token: '', held: {} as Record<string, boolean>, writes: 0 }
  if (person.warmMs === undefined) pause(person.atMs - now())
  else {
    pause(person.warmMs - run.preludeMs - now())
    logIn(person, state)
    pause(person.atMs - now())
  }
  if (now() >= run.durationMs) return false
  startLag.add(Math.max(0, now() - person.atMs))
  if (person.warmMs === undefined) loginOk.add(logIn(person, state))
  let intendedMs = person.warmMs === undefined ? now() : person.atMs
  for (const [i, visit] of person.pages.entries()) {
    pause(intendedMs - now())
    if (now() >= run.durationMs) return true
    pageLag.add(Math.max(0, now() - intendedMs))
    const isWhole = openPage(person, { state, visit })
    const phase = run.phases.find((one) => intendedMs < one.toMs)?.name ?? 'after'
    const tags = { page: visit.type, phase, fate: isWhole ? 'whole' : 'failed' }
    response.add(now() - intendedMs, tags)
    pageOk.add(isWhole && now() - intendedMs <= run.deadlineMs, { phase })
    if (isWhole) doWrites(person, { state, visit, page: i })
    intendedMs = now() + visit.thinkMs
  }
  pause(intendedMs - now())
  if (person.logsOut && now() < run.durationMs) send(person, { call: run.portal.logout, state })
  return true
}

interface State {
  token: string
  held: Record<string, boolean>
  writes: number
}
type Visit = Session['pages'][number]

/** The whole chain; redirects are steps of it. False when a step did not go on. */
function logIn(person: Session, state: State): boolean {
  let ticket = ''
  for (const call of run.portal.login) {
    const isForm = call.method === 'POST'
    const filled = call.path.includes('{ticket}') ? { ...call, path: ticket } : call
    const answer = send(person, { call: filled, state, isForm })
    if (answer.status !== call.expect) return false
    ticket = (answer.headers['Location'] ?? '').replace(base, '')
  }
  return true
}

/** The document, then data and new assets side by side; reloads as often as people would. */
function openPage(person: Session, at: { state: State; visit: Visit }): boolean {
  const { state, visit } = at
  const page = run.portal.pages[visit.type] as Page
  for (let attempt = 1; ; attempt += 1) {
    attempts.add(1, { page: visit.type })
    const document = send(person, { call: page.document, state, item: visit.item })
    if (document.status === 200 && followUps(person, { state, visit, page })) return true
    if (attempt >= 5 || Math.random() > 0.7 * 0.8 ** (attempt - 1)) return false
    sleep(-3 * Math.log(1 - Math.random()))
  }
}

function followUps(person: Session, at: { state: State; visit: Visit; page: Page }): boolean {
  const { state, visit, page } = at
  const assets = page.assets.filter((path) => !state.held[path])
  const answers = http.batch([
    ...page.data.map((call) => [
      call.method,
      base + filled(call.path, person, visit.item),
      null,
      params(call.service, 'application/json'),
    ]),
    ...assets.map((path) => ['GET', base + path, null, params('asset', '*/*')]),
  ] as Parameters<typeof http.batch>[0]) as Answer[]
  for (const path of assets) state.held[path] = true
  for (const answer of answers) {
    const token = /"formToken"\s*:\s*"([^"]+)"/.exec(answer.body ?? '')?.[1]
    if (token !== undefined) state.token = token
  }
  return check(answers, {
    'page whole': (all) => all.every(({ status }) => status >= 200 && status < 400),
  })
}

function doWrites(person: Session, at: { state: State; visit: Visit; page: number }): void {
  const { state, visit, page } = at
  const offered = (run.portal.pages[visit.type] as Page).writes
  for (const one of visit.writes) {
    const write = offered[one] as Write
    state.writes += 1
    const key = `${runId}-${exec.scenario.iterationInTest}-${page}-${state.writes}`
    const answer = send(person, { call: write, state, item: visit.item, key })
    // Clicks once more with the same key when nothing confirms it.
    const isSaved = answer.status === 200 || answer.status === 201 || answer.status === 202
    const again = isSaved ? answer : send(person, { call: write, state, item: visit.item, key })
    if (again.status >= 200 && again.status < 300) acknowledged.add(1, { kind: write.name })
  }
}

interface Sending {
  call: Call & { name?: string }
  state: State
  item?: number
  key?: string
  isForm?: boolean
}

function send(person: Session, what: Sending): Answer {
  const { call, state, item = 0, key, isForm = false } = what
  const headers: Record<string, string> = { 'user-agent': 'ecluse-rehearsal', 'x-rehearsal': runId }
  if (call.method !== 'GET') {
    headers['origin'] = base
    headers['content-type'] = isForm ? 'application/x-www-form-urlencoded' : 'application/json'
    if (state.token !== '') headers['x-form-token'] = state.token
    if (key !== undefined) headers['idempotency-key'] = key
  } else {
    headers['sec-fetch-mode'] = 'navigate'
    headers['sec-fetch-dest'] = 'document'
    headers['accept'] = 'text/html,*/*;q=0.8'
  }
  const path = filled(call.path, person, item)
  const form =
    'account=u{account}&school=s{school}&class=c{class}&role={role}&password=pw-u{account}'
  const body = isForm
    ? form
        .replaceAll('{account}', String(person.account))
        .replace('{school}', String(person.school))
        .replace('{class}', String(person.classId))
        .replace('{role}', person.role)
    : call.method === 'GET'
      ? null
      : bodyOf(call, key ?? '')
  const tags = { name: call.service, service: call.service }
  return http.request(call.method, base + path, body, {
    headers,
    tags,
    redirects: 0,
    timeout: '30s',
  })
}

function bodyOf(call: Call & { name?: string }, key: string): string {
  const start = `{"key":"${key}","kind":"${call.name ?? ''}","text":"`
  return `${start}${'x'.repeat(Math.max(0, (call.bodyBytes ?? 0) - start.length - 2))}"}`
}

function params(service: string, accept: string) {
  return {
    headers: { 'user-agent': 'ecluse-rehearsal', 'x-rehearsal': runId, accept },
    tags: { name: service, service },
    timeout: '30s',
  }
}

function filled(path: string, { account, school, classId, role }: Session, item: number): string {
  return path
    .replace('{account}', `u${account}`)
    .replace('{school}', `s${school}`)
    .replace('{class}', `c${classId}`)
    .replace('{role}', role)
    .replace('{item}', String(item))
}

function pause(ms: number): void {
  if (ms > 0) sleep(ms / 1000)
}
