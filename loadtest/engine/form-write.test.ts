import { setImmediate as settled } from 'node:timers/promises'
import { test } from 'tap'
import { LatencyHistogram } from '../../core/latency-histogram.ts'
import type { Portal } from '../../scenarios/portals/portal.ts'
import type { Session } from '../schedule/session.ts'
import type { Answer, OutgoingRequest } from './portal-answer.ts'
import { simulate, type SimulatedRequest } from './simulated-run.ts'

const get = (path: string) => ({ method: 'GET', path, service: 'shell' }) as const
const write = { method: 'POST', path: '/api/write', service: 'tick', bodyBytes: 90 } as const

/** One page with a form; the form's token comes with `/api/me`. */
const portal: Portal = {
  name: 'form',
  login: [],
  logout: { method: 'POST', path: '/auth/logout', service: 'logout' },
  pages: {
    home: {
      title: 'Home',
      document: get('/portal/home'),
      data: [{ ...get('/api/me'), service: 'me' }],
      assets: [],
      writes: [{ ...write, name: 'tick', chance: { pupil: 1 }, audited: true }],
    },
  },
}

const ok: Answer = { kind: 'answered', status: 200, fields: {}, text: '' }
const failure: Answer = { ...ok, status: 500 }

const writer: Session = {
  index: 7,
  startMs: 0,
  role: 'pupil',
  account: 17,
  school: 3,
  classId: 40,
  pages: [{ type: 'home', thinkMs: 1_000, item: 0, writes: [0] }],
  firstPage: 0,
  resumeAtMs: 0,
  cameEarlier: false,
  logsOut: false,
}

function play(facts: Pick<SimulatedRequest, 'says' | 'users'> & Partial<SimulatedRequest>) {
  return simulate({ portal, sessions: [writer], settled: () => settled(), ...facts })
}

const keysOf = (sent: readonly OutgoingRequest[]): (string | undefined)[] =>
  sent
    .filter(({ path }) => path === '/api/write')
    .map(({ fields }) => /^idempotency-key: (.*)$/m.exec(fields)?.[1])

test('an unconfirmed write is clicked again with the same key', async (t) => {
  let hangs = 2
  const { sent, writes } = await play({
    says: (request) => {
      if (request.path !== '/api/write' || hangs === 0) return { ...ok, status: 202 }
      hangs -= 1
      return { ...ok, afterMs: 900_000 }
    },
    users: { clickAgainChance: 1 },
  })
  t.strictSame(keysOf(sent), ['run-7-0-1', 'run-7-0-1', 'run-7-0-1'])
  t.match(writes, { attempted: 1, sends: 3, unconfirmed: [] })
  // Two clicks in vain are part of how long the person doubted.
  t.equal(LatencyHistogram.fromJSON(writes.saved).count, 1)
  t.ok(writes.saved.sumMs > 1_000)
  t.strictSame(writes.acknowledged, [
    { key: 'run-7-0-1', principal: 'u17', kind: 'tick', status: 202 },
  ])
})

test('a reopened form is a second write with its own key', async (t) => {
  let hangs = 1
  const { sent, writes } = await play({
    says: (request) => {
      if (request.path !== '/api/write' || hangs === 0) return ok
      hangs -= 1
      return failure
    },
    users: { clickAgainChance: 0, reopenFormChance: 1 },
  })
  t.strictSame(keysOf(sent), ['run-7-0-1', 'run-7-0-2'])
  t.match(writes, { attempted: 2, unconfirmed: ['run-7-0-1'] })
})

test('a waiting page in answer to a write confirms nothing', async (t) => {
  const { writes } = await play({
    says: (request) =>
      request.path === '/api/write' ? { ...ok, fields: { 'ecluse-wait': '1;t=60' } } : ok,
    users: { clickAgainChance: 0, reopenFormChance: 0 },
  })
  t.match(writes, { attempted: 1, acknowledged: [], unconfirmed: ['run-7-0-1'] })
  // Answered at once and given up at once; saved it is not, and not sooner than the deadline.
  t.equal(LatencyHistogram.fromJSON(writes.saved).count, 0)
  t.ok(writes.givenUp.sumMs >= 3_000)
})

test('a stale form token is fetched anew and the same write sent with it', async (t) => {
  let token = 'first'
  const { sent, writes } = await play({
    says: (request) => {
      if (request.path === '/api/me') return { ...ok, text: `{"formToken":"${token}"}` }
      if (request.path !== '/api/write') return ok
      const given = /^x-form-token: (.*)$/m.exec(request.fields)?.[1]
      if (given === 'second') return { ...ok, status: 201 }
      token = 'second'
      return { ...ok, status: 403, text: '{"error":"form-token"}' }
    },
  })
  t.strictSame(keysOf(sent), ['run-7-0-1', 'run-7-0-1'])
  t.equal(writes.acknowledged.length, 1)
})
