import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Test, test } from 'tap'
import { LatencyHistogram } from '../../core/latency-histogram.ts'
import type { Portal } from '../../scenarios/portals/portal.ts'
import { referencePortal } from '../../scenarios/portals/reference.ts'
import type { Session } from '../schedule/session.ts'
import type { SchedulePlan } from './run-plan.ts'
import { type LoadRequest, runLoad } from './run-process.ts'
import { defaultUserModel } from './user-model.ts'

type Answering = (request: IncomingMessage, response: ServerResponse) => void

async function serve(t: Test, answering: Answering): Promise<string> {
  const server = createServer(answering)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Sessions of one page each, evenly spaced over the run. */
function planOf(facts: {
  readonly sessions: number
  readonly endMs: number
  readonly session?: Partial<Session>
}): SchedulePlan {
  const startMsOf = (position: number): number => (position * facts.endMs) / facts.sessions
  return {
    hash: 'test',
    sessionCount: facts.sessions,
    startMsOf,
    sessionAt: (index) => ({
      index,
      startMs: startMsOf(index),
      role: 'pupil',
      account: index,
      school: index % 7,
      classId: index % 13,
      pages: [{ type: 'home', thinkMs: 10, item: 0, writes: [] }],
      firstPage: 0,
      resumeAtMs: 0,
      cameEarlier: false,
      logsOut: false,
      ...facts.session,
    }),
    phases: [{ name: 'all', fromMs: 0, toMs: facts.endMs }],
  }
}

function load(target: string, plan: SchedulePlan, rest: Partial<LoadRequest> = {}) {
  return runLoad({
    plan,
    target,
    portal: referencePortal,
    users: defaultUserModel,
    pageDeadlineMs: 3_000,
    runId: 'test',
    seed: 1,
    ...rest,
  })
}

/** A single document, nothing else: makes arithmetic possible. */
const bare: Portal = {
  ...referencePortal,
  login: [],
  pages: {
    home: {
      title: 'Home',
      document: { method: 'GET', path: '/', service: 'shell' },
      data: [],
      assets: [],
      writes: [],
    },
  },
}

/** The smallest portal that insists on cookies, tickets and form tokens. */
function strictPortal(leak?: { readonly canary: string }): Answering {
  const accountOf = (request: IncomingMessage): string | undefined =>
    /S=([a-z0-9]+)/.exec(request.headers.cookie ?? '')?.[1]
  return (request, response) => {
    const url = request.url ?? ''
    const account = accountOf(request)
    const chunks: string[] = []
    request.setEncoding('latin1').on('data', (chunk: string) => chunks.push(chunk))
    request.on('end', () => {
      const body = chunks.join('')
      const redirect = (to: string): void => void response.writeHead(303, { location: to }).end()
      response.setHeader('content-type', 'application/json')
      if (url.startsWith('/schools/') || url === '/auth/login') {
        if (request.method === 'GET') return void response.end('public')
        return redirect(`/auth/return?ticket=${/account=(\w+)/.exec(body)?.[1]}`)
      }
      if (url.startsWith('/auth/return')) {
        response.setHeader('set-cookie', `S=${url.split('=')[1]}; Path=/; HttpOnly`)
        return redirect('/portal/home')
      }
      if (url.startsWith('/assets/')) return response.end()
      if (account === undefined) return response.writeHead(401).end()
      if (url === '/api/me') return response.end(`{"formToken":"${account}"}`)
      if (request.method === 'GET') return response.end(`canary-${leak?.canary ?? account}-x`)
      const isTelemetry = url === '/api/telemetry'
      const isMine = request.headers['x-form-token'] === account
      const key = request.headers['idempotency-key']
      const isGood = isTelemetry || url === '/auth/logout' || (isMine && body.includes(String(key)))
      return response.writeHead(isGood ? 201 : 403).end()
    })
  }
}

const busySession: Partial<Session> = {
  pages: [
    { type: 'landing', thinkMs: 20, item: 0, writes: [0] },
    { type: 'message', thinkMs: 20, item: 4, writes: [0, 1, 2] },
    { type: 'documents', thinkMs: 20, item: 4, writes: [0, 1] },
  ],
  logsOut: true,
}

test('people log in, read, write and leave a portal that checks everything', async (t) => {
  const target = await serve(t, strictPortal())
  const plan = planOf({ sessions: 20, endMs: 2_500, session: busySession })
  const early = { ...plan, startMsOf: (position: number) => position * 20 }
  const result = await load(target, { ...early, sessionAt: startingBy(plan, early.startMsOf) })
  t.match(result.total.logins, { intended: 20, attempts: 20, inSlo: 20 })
  t.match(result.total.pages, { intended: 60, attempts: 60, whole: 60, inSlo: 60, forgone: 0 })
  t.match(result.people, { started: 20, admitted: 20, gaveUp: 0, loggedInAgain: 0 })
  t.match(result.writes, { attempted: 60, sends: 60, unconfirmed: [] })
  t.equal(new Set(result.writes.acknowledged.map(({ key }) => key)).size, 60)
  t.match(result.leaks, { foreignCanaries: 0, examples: [] })
  t.ok(result.leaks.answersChecked > 400)
  t.strictSame(Object.keys(result.total.requests).sort(), ['200', '201', '303'])
  t.match(result, { endedBy: 'plan', generator: { sessionsStarted: 20, deliveredRatio: 1 } })
  t.strictSame(JSON.parse(JSON.stringify(result)), result, 'is plain JSON')
})

function startingBy(plan: SchedulePlan, startMsOf: (position: number) => number) {
  return (index: number): Session => ({ ...plan.sessionAt(index), startMs: startMsOf(index) })
}

test('an answer meant for somebody else is counted as a leak', async (t) => {
  const target = await serve(t, strictPortal({ canary: 'u999' }))
  const plan = planOf({ sessions: 2, endMs: 400 })
  const { leaks } = await load(target, plan)
  t.ok(leaks.foreignCanaries >= 2)
  t.equal(leaks.examples.length, 5)
  t.match(leaks.examples[0], { scope: 'user' })
})

test('a stall of the server raises p99 by what arrived during it', async (t) => {
  // 200 arrivals in 2 s; those of 0.4 s wait for its end: one fifth, 0 to 400 ms each.
  const stall = { fromMs: 700, toMs: 1_100 }
  const held: (() => void)[] = []
  let firstAtMs: number | undefined
  const target = await serve(t, (_, response) => {
    firstAtMs ??= performance.now()
    const atMs = performance.now() - firstAtMs
    if (atMs < stall.fromMs || atMs >= stall.toMs) return void response.end()
    if (held.length === 0) {
      setTimeout(() => {
        for (const release of held) release()
      }, stall.toMs - atMs)
    }
    held.push(() => response.end())
  })
  const plan = planOf({ sessions: 200, endMs: 2_000 })
  const { total } = await load(target, plan, { portal: bare })
  t.match(total.pages, { intended: 200, whole: 200 })
  const response = LatencyHistogram.fromJSON(total.response)
  const expectMs = 400 * (1 - 0.01 / 0.2)
  const p99Ms = response.quantileMs(0.99) ?? 0
  t.ok(Math.abs(p99Ms - expectMs) < 60, `p99 ${p99Ms}, computed ${expectMs}`)
  t.ok((response.quantileMs(0.5) ?? 0) < 60)
})

test('a stall of the generator shows in response and lag, not in service, and is INVALID', async (t) => {
  const target = await serve(t, (_, response) => response.end())
  const plan = planOf({ sessions: 200, endMs: 1_500 })
  const blocked = setTimeout(() => {
    const untilMs = performance.now() + 400
    while (performance.now() < untilMs);
  }, 700)
  t.teardown(() => clearTimeout(blocked))
  const { total, generator } = await load(target, plan, { portal: bare })
  const p90 = (data: Parameters<typeof LatencyHistogram.fromJSON>[0]): number =>
    LatencyHistogram.fromJSON(data).quantileMs(0.9) ?? 0
  t.equal(total.pages.intended, 200)
  t.ok(p90(total.response) > 150, `response ${p90(total.response)}`)
  t.ok(p90(total.service) < p90(total.response) / 2, `service ${p90(total.service)}`)
  t.ok(generator.startLagMaxMs > 300, String(generator.startLagMaxMs))
  t.equal(generator.verdict, 'invalid')
  t.match(generator.reasons[0], /^Start lag p99 was/)
})

test('the cap on sessions leaves none out in silence', async (t) => {
  const target = await serve(t, () => {})
  const plan = planOf({ sessions: 10, endMs: 300 })
  const capped = { portal: bare, maxConcurrentSessions: 4, drainMs: 0 }
  const { generator, total } = await load(target, plan, capped)
  t.match(generator, { sessionsScheduled: 10, sessionsStarted: 4, notStarted: 6 })
  t.match(generator.reasons.join(), /6 of 10 scheduled sessions were not started/)
  t.match(total.pages, { intended: 4, unfinished: 4 })
})

test('people already inside log in before the run, and only their pages are measured', async (t) => {
  const target = await serve(t, strictPortal())
  const pages = busySession.pages ?? []
  const inside = { startMs: -4_000, firstPage: 1, resumeAtMs: 100, pages }
  const plan = planOf({ sessions: 5, endMs: 900, session: inside })
  const sameStart = { ...plan, startMsOf: () => 100 }
  const { total, people, writes } = await load(target, sameStart, { preludeMs: 600 })
  t.match(people, { warm: 5, started: 0, loggedInAgain: 0 })
  t.match(total.logins, { intended: 0, attempts: 0 })
  t.match(total.pages, { intended: 10, attempts: 10, whole: 10 })
  t.equal(writes.acknowledged.length, 15)
  t.notMatch(total.byPageType, { landing: {} })
})

test('a stop ends arrivals at once and keeps what was measured', async (t) => {
  const target = await serve(t, (_, response) => response.end())
  const stop = new AbortController()
  const plan = planOf({ sessions: 6_000, endMs: 60_000 })
  const result = await load(target, plan, {
    portal: bare,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  })
  t.equal(result.endedBy, 'stopped')
  t.ok(result.endedAtMs < 5_000)
  t.ok(result.total.pages.whole >= 50, String(result.total.pages.whole))
  t.match(result.generator, { deliveredRatio: 1 })
})

test('a target that is down or elsewhere is refused before anybody starts', async (t) => {
  const plan = planOf({ sessions: 1, endMs: 100 })
  await t.rejects(load('http://127.0.0.1:1', plan), {
    code: 'target-unreachable',
    message: /expected a server at http:\/\/127.0.0.1:1, found none \(.*ECONNREFUSED/,
  })
  await t.rejects(load('http://portal.example', plan), { code: 'target-refused' })
})
