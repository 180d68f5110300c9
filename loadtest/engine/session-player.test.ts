import { setImmediate as settled } from 'node:timers/promises'
import { test } from 'tap'
import { randomStream } from '../../core/random.ts'
import type { Portal } from '../../scenarios/portals/portal.ts'
import type { Session } from '../schedule/session.ts'
import { assetPath } from './page-requests.ts'
import type { Answer } from './portal-answer.ts'
import { simulate, type SimulatedPortal, type SimulatedRequest } from './simulated-run.ts'

const get = (path: string) => ({ method: 'GET', path, service: 'shell' }) as const
const tick = { pupil: 1 }
const write = { method: 'POST', path: '/api/write', service: 'tick', bodyBytes: 90 } as const

/** One page, one data call, one form: enough to be a portal. */
const portal: Portal = {
  name: 'small',
  login: [
    { ...get('/auth/login'), expect: 200 },
    { method: 'POST', path: '/auth/login', service: 'login', expect: 303 },
    { ...get('/auth/return?ticket={ticket}'), expect: 303 },
  ],
  logout: { method: 'POST', path: '/auth/logout', service: 'logout' },
  pages: {
    home: {
      title: 'Home',
      document: get('/portal/home'),
      data: [{ ...get('/api/me'), service: 'me' }],
      assets: ['app.js'],
      writes: [{ ...write, name: 'tick', chance: tick, audited: true }],
    },
  },
}
const withoutLogin: Portal = { ...portal, login: [] }

const ok: Answer = { kind: 'answered', status: 200, fields: {}, text: '' }
const failure: Answer = { ...ok, status: 500 }
const seeOther = (location: string): Answer => ({ ...ok, status: 303, fields: { location } })

/** The login chain as it should be; everything else is `rest`. */
function loginOr(rest: SimulatedPortal): SimulatedPortal {
  return (request, atMs) => {
    if (request.path === '/auth/login' && request.method === 'POST') {
      return seeOther('/auth/return?ticket=ST-1')
    }
    if (request.path === '/auth/login') return ok
    if (request.path.startsWith('/auth/return')) return seeOther('/portal/home')
    return rest(request, atMs)
  }
}

function session(index: number, rest: Partial<Session> = {}): Session {
  const page = { type: 'home', thinkMs: 1_000, item: 0, writes: [] }
  return {
    index,
    startMs: 0,
    role: 'pupil',
    account: 17,
    school: 3,
    classId: 40,
    pages: [page],
    firstPage: 0,
    resumeAtMs: 0,
    cameEarlier: false,
    logsOut: false,
    ...rest,
  }
}

function play(facts: Pick<SimulatedRequest, 'says' | 'users'> & Partial<SimulatedRequest>) {
  return simulate({ portal, sessions: [session(0)], settled: () => settled(), ...facts })
}

test('a slow portal keeps people longer than planned, page by page', async (t) => {
  const page = { type: 'home', thinkMs: 1_000, item: 0, writes: [] }
  const sessions = [session(0, { pages: [page, page, page] })]
  const says = loginOr(() => ({ ...ok, afterMs: 500 }))
  const { stays } = await play({ sessions, says })
  t.match(stays, { count: 1, plannedMs: 2_000 })
  t.ok(stays.playedMs >= 3_000 && stays.playedMs < 5_000, `${stays.playedMs} ms`)
})

test('amplification is 1/(1 - rF) when a share F fails and people persist with r', async (t) => {
  const sessions = Array.from({ length: 2_000 }, (_, index) => session(index))
  for (const [failing, persistence] of [
    [0.2, 0.5],
    [0.5, 0.7],
    [0.8, 0.9],
  ] as const) {
    const random = randomStream('failures', failing)
    const { total } = await play({
      portal: withoutLogin,
      sessions,
      says: (request) =>
        request.path === '/portal/home' && random.next() < failing ? failure : ok,
      users: { refreshChance: persistence, refreshDecay: 1, returnChance: 0 },
    })
    const amplification = total.pages.attempts / total.pages.intended
    const expect = 1 / (1 - persistence * failing)
    t.equal(total.pages.intended, 2_000)
    t.ok(Math.abs(amplification / expect - 1) < 0.05, `${amplification} against ${expect}`)
  }
})

test('a healthy session logs in, loads each page once and keeps its assets', async (t) => {
  const page = { type: 'home', thinkMs: 1_000, item: 0, writes: [] }
  const { total, people, sent, endedAtMs } = await play({
    says: loginOr(() => ok),
    sessions: [session(0, { pages: [page, page], logsOut: true })],
  })
  t.strictSame(
    sent.map(({ method, path }) => `${method} ${path}`),
    [
      'GET /auth/login',
      'POST /auth/login',
      'GET /auth/return?ticket=ST-1',
      'GET /portal/home',
      'GET /api/me',
      `GET ${assetPath('app.js')}`,
      'GET /portal/home',
      'GET /api/me',
      'POST /auth/logout',
    ],
  )
  t.match(total.pages, { intended: 2, attempts: 2, whole: 2, inSlo: 2 })
  t.match(people, { started: 0, admitted: 1, gaveUp: 0 })
  t.equal(endedAtMs, 3 + 2 + 1_000 + 2 + 1_000 + 1, 'the next page starts at completion plus think')
})

test('standing in line at the asked pace is waiting, not retrying', async (t) => {
  const says: SimulatedPortal = (_, atMs) =>
    atMs < 20_000 ? { ...ok, fields: { 'ecluse-wait': '5;t=2' } } : ok
  const { total, people } = await play({
    portal: withoutLogin,
    says,
    users: { complyChance: 1, complyJitterRatio: 0 },
  })
  t.match(total.pages, { attempts: 1, waits: 10, turnedAway: 10, whole: 1, late: 1 })
  t.match(total.pages, { inSloAfterLine: 1 })
  t.equal(total.inLine.maxMs, 20_000)
  t.equal(people.waited, 1)
})

test('the deadline sent along moves with the time in line, not with impatience', async (t) => {
  const { sent } = await play({
    portal: withoutLogin,
    says: (_, atMs) => (atMs < 1_000 ? { ...ok, status: 503, fields: { 'retry-after': '4' } } : ok),
    users: { complyChance: 1, complyJitterRatio: 0 },
  })
  const deadlines = sent.map(({ fields }) => /^x-rehearsal-deadline: (.*)$/m.exec(fields)?.[1])
  t.strictSame(deadlines.slice(0, 2), ['1003000', '1007000'])
})

test('nobody stands in line longer than their patience', async (t) => {
  const { total, people } = await play({
    portal: withoutLogin,
    says: () => ({ ...ok, status: 503, fields: { 'retry-after': '60' } }),
    users: { patienceInLineMedianMs: 90_000, patienceInLineSigma: 0, returnChance: 0 },
  })
  t.match(total.pages, { intended: 1, refused: 1, whole: 0 })
  t.ok(Math.abs(total.censored.maxMs - 90_000) < 1_000, String(total.censored.maxMs))
  t.match(people, { gaveUp: 1, lost: 1 })
})

test('a page that hangs is aborted when patience ends, and the wait is on record', async (t) => {
  const { total, people } = await play({
    portal: withoutLogin,
    says: () => ({ ...ok, afterMs: 900_000 }),
    users: { patienceSigma: 0, refreshChance: 0, waitOnChance: 0, returnChance: 0 },
    sessions: [session(0, { pages: Array(3).fill(session(0).pages[0]) })],
  })
  t.match(total.pages, { intended: 1, attempts: 1, abandoned: 1, forgone: 2 })
  t.equal(total.censored.maxMs, 10_000)
  t.equal(total.response.buckets.length, 0)
  t.match(total.requests, { aborted: 1 })
  t.match(people, { gaveUp: 1, lost: 1, returned: 0 })
})

test('a hang answered by a refresh shows in response and not in service', async (t) => {
  let isFirst = true
  const { total } = await play({
    portal: withoutLogin,
    says: () => {
      const afterMs = isFirst ? 900_000 : 1
      isFirst = false
      return { ...ok, afterMs }
    },
    users: { patienceSigma: 0, refreshChance: 1 },
  })
  t.match(total.pages, { intended: 1, attempts: 2, whole: 1, late: 1 })
  t.equal(total.response.maxMs, 10_002)
  t.equal(total.service.maxMs, 2)
})

test('someone who gave up comes back to the same page, counted once', async (t) => {
  const { total, people } = await play({
    portal: withoutLogin,
    says: (_, atMs) => (atMs < 60_000 ? failure : ok),
    users: { refreshChance: 0, returnChance: 1, returnMedianMs: 90_000, returnSigma: 0 },
  })
  t.match(total.pages, { intended: 1, attempts: 2, failed: 1, whole: 0, wholeAfterReturn: 1 })
  t.match(people, { gaveUp: 1, returned: 1, lost: 0 })
})

test('with retries off one failure is the end', async (t) => {
  const { sent, people } = await play({
    portal: withoutLogin,
    says: () => failure,
    users: { retries: 'off' },
  })
  t.equal(sent.length, 1)
  t.match(people, { gaveUp: 1, lost: 1 })
})

test('a session lost inside a page is regained once, and the page goes on', async (t) => {
  let lost = 1
  const says = loginOr((request) => {
    if (request.path !== '/api/me' || lost === 0) return ok
    lost -= 1
    return { ...ok, status: 401 }
  })
  const { total, people } = await play({ says })
  t.match(total.pages, { intended: 1, attempts: 2, whole: 1 })
  t.match(total.logins, { intended: 1, attempts: 2, whole: 1 })
  t.equal(people.loggedInAgain, 1)
})

test('a missing widget is refreshed or put up with, and the session goes on', async (t) => {
  const { total, people } = await play({
    portal: withoutLogin,
    says: (request) => (request.path === '/api/me' ? failure : ok),
    users: { refreshChance: 0 },
    sessions: [session(0, { pages: Array(2).fill(session(0).pages[0]) })],
  })
  t.match(total.pages, { intended: 2, failed: 2, whole: 0 })
  t.equal(people.gaveUp, 0)
})

test('a page script obeys one short Retry-After without a refresh', async (t) => {
  const { total } = await play({
    portal: withoutLogin,
    says: (request, atMs) =>
      request.path === '/api/me' && atMs < 1_000
        ? { ...ok, status: 429, fields: { 'retry-after': '2' } }
        : ok,
    users: { complyChance: 1 },
  })
  t.match(total.pages, { attempts: 1, whole: 1, inSlo: 1 })
  t.equal(total.response.maxMs, 2_003)
})
