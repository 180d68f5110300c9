import { test } from 'tap'
import type { Clock, MonotonicMs, WallMs } from '../../core/clock.ts'
import { silentMeter } from '../../core/metric-catalogue.ts'
import { type ExchangeChanges, exchangeFor, openPolicy } from '../../test/support/exchange.ts'
import type { gatewayMetrics } from '../metrics.ts'
import { type RouteClass, unknownClass } from '../policy/policy.ts'
import { admissionCookie, isAdmissionValid } from './admission-token.ts'
import { placeCookie } from './place-ticket.ts'
import { buildWaitingRoomStage } from './stage.ts'

const entry: RouteClass = { ...unknownClass, name: 'login', isEntry: true }
const waitingRoom = {
  targetPressureRatio: 0.75,
  entrySlotSeconds: 2.5,
  minInside: 1,
  maxInside: 1,
  idleSeconds: 20,
}
const keys = {
  sign: (text: string) => ({ kid: 'k', mac: Buffer.from(`mac of ${text}`).toString('base64url') }),
  verify: (kid: string, text: string, mac: string) => kid === 'k' && mac === keys.sign(text).mac,
}

// Over all rooms, so that no two draw the same.
let drawn = 0

/** A room with one place and its clock; `ask` is one request of somebody with these cookies. */
function onePlaceRoom(t: { teardown: (close: () => void) => void }) {
  let nowMs = 0
  const clock: Clock = { monotonicMs: () => nowMs as MonotonicMs, wallMs: () => nowMs as WallMs }
  const { stage, tick, close } = buildWaitingRoomStage({
    clock,
    meter: silentMeter<typeof gatewayMetrics>(),
    keys,
    rules: waitingRoom,
    gateLoads: () => [{ utilisationRatio: 0, pressingMean: 0, limit: 8 }],
    unguessable: () => `drawn-${(drawn += 1)}`,
  })
  t.teardown(close)
  const ask = (cookies: Record<string, string>, changes: ExchangeChanges = {}) => {
    const cookie = Object.entries(cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join('; ')
    const exchange = exchangeFor({
      atMs: nowMs,
      routeClass: entry,
      policy: { waitingRoom },
      ...changes,
      headers: { cookie, ...changes.headers },
    })
    const answer = stage(exchange)
    const set = new Map(
      exchange.addedHeaders
        .filter((name) => name !== 'set-cookie')
        .map((line) => (line.split(';')[0] as string).split(/=(.*)/s) as [string, string]),
    )
    return { answer, set, wallMs: exchange.wallAtMs }
  }
  const advance = (ms: number) => {
    nowMs += ms
    tick()
  }
  return { ask, advance }
}

test('with room, a login goes straight on, with an admission for the rest of its steps', async (t) => {
  const { ask } = onePlaceRoom(t)
  const { answer, set, wallMs } = ask({})
  t.equal(answer, undefined)
  t.ok(isAdmissionValid(set.get(admissionCookie) ?? '', wallMs, keys))
})

test('without room, people get a page with their place, programs a problem, both a pace', async (t) => {
  const { ask } = onePlaceRoom(t)
  ask({})
  const person = ask({}, { headers: { accept: 'text/html' } })
  t.match(person.answer, { status: 503, outcome: { reason: 'waiting-room' } })
  t.match(new TextDecoder().decode(person.answer?.body as Uint8Array), /Votre place est gardée/)
  t.ok(person.set.get(placeCookie))
  const program = ask({})
  t.ok(program.answer?.headers.includes('application/problem+json'))
  const headers = program.answer?.headers ?? []
  t.equal(headers[headers.indexOf('ecluse-wait') + 1], '1;t=3;estimate=1200')
  t.equal(headers[headers.indexOf('retry-after') + 1], '3')
})

test('a reload keeps the place, and the turn comes when somebody has left', async (t) => {
  const { ask, advance } = onePlaceRoom(t)
  const inside = { identity: { isInside: true, sessionKey: 's', principal: null } }
  const first = ask({})
  ask({ [admissionCookie]: first.set.get(admissionCookie) ?? '' }, inside)
  const place = { [placeCookie]: ask({}).set.get(placeCookie) ?? '' }
  advance(10_000)
  const reload = ask(place)
  t.equal(reload.answer?.status, 503)
  t.notOk(reload.set.has(placeCookie), 'the same ticket still counts')
  advance(10_000)
  const turn = ask(place)
  t.equal(turn.answer, undefined)
  t.ok(turn.set.get(admissionCookie))
  t.equal(turn.set.get(placeCookie), '', 'the used ticket is taken away')
})

test('a forged ticket, or one of a room before the restart, is a newcomer’s', async (t) => {
  const before = onePlaceRoom(t)
  before.ask({})
  before.ask({})
  const old = before.ask({}).set.get(placeCookie) ?? ''
  const { ask } = onePlaceRoom(t)
  ask({}, { identity: { isInside: true, sessionKey: 's' } })
  ask({})
  for (const ticket of ['nonsense', old, `${old.slice(0, -1)}x`]) {
    const { answer, set } = ask({ [placeCookie]: ticket })
    t.equal(answer?.status, 503)
    t.ok(set.get(placeCookie), 'and gets a place of their own')
  }
})

test('people inside, other pages and a room switched off are never asked to wait', async (t) => {
  const { ask } = onePlaceRoom(t)
  ask({})
  t.equal(ask({}).answer?.status, 503)
  t.equal(ask({}, { identity: { isInside: true } }).answer, undefined)
  t.equal(ask({}, { routeClass: unknownClass }).answer, undefined)
  const stages = { ...openPolicy.stages, 'waiting-room': 'off' as const }
  t.equal(ask({}, { policy: { stages, waitingRoom } }).answer, undefined)
})

test('an admission is renewed while its holder is active and has no binding', async (t) => {
  const { ask, advance } = onePlaceRoom(t)
  const admitted = { [admissionCookie]: ask({}).set.get(admissionCookie) ?? '' }
  const inside = { identity: { isInside: true, sessionKey: 's' } }
  advance(200_000)
  t.notOk(ask(admitted, inside).set.has(admissionCookie), 'not before half of its life')
  advance(200_000)
  const { set, wallMs } = ask(admitted, inside)
  t.ok(isAdmissionValid(set.get(admissionCookie) ?? '', wallMs + 500_000, keys))
})
