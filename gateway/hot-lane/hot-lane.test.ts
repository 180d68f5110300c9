import { test } from 'tap'
import type { MonotonicMs, WallMs } from '../../core/clock.ts'
import { routeClass } from '../../test/support/edge.ts'
import { exchangeFor, openPolicy } from '../../test/support/exchange.ts'
import type { Answer, Exchange } from '../exchange.ts'
import { HotLane } from './hot-lane.ts'

const files = routeClass('files', {})
const headers = { host: 'a', cookie: 'PORTALSESSION=alice' }
const lines = Object.entries(headers).flat()

/** A lane at a time of the test's choosing, and what the pipeline would teach it. */
function laneAt(facts: { readonly maxBytes?: number } = {}) {
  const world = { nowMs: 0, policy: openPolicy, isDraining: false, isCurrent: true }
  const clock = { monotonicMs: () => world.nowMs as MonotonicMs, wallMs: () => 0 as WallMs }
  const lane = new HotLane({
    clock,
    allocate: (bytes) => new Uint8Array(bytes),
    maxBytes: facts.maxBytes ?? 1_000_000,
    connectionLines: 'Connection: keep-alive\r\n',
    policy: () => world.policy,
    isDraining: () => world.isDraining,
  })
  const body = new Uint8Array(20)
  const teach = (changes: Taught = {}): void => {
    const exchange = { ...exchangeFor({ headers, target: '/f', routeClass: files }) }
    Object.assign(exchange, { policy: world.policy, ...changes.exchange })
    exchange.addedHeaders.push('Cache-Status', 'ecluse; hit; ttl=60', ...(changes.added ?? []))
    exchange.cache = {
      status: 'hit; ttl=60',
      repeatable: {
        body: changes.body ?? body,
        bornAtMs: 0 as MonotonicMs,
        freshUntilMs: 60_000 as MonotonicMs,
        isCurrent: () => world.isCurrent,
      },
    }
    if (changes.isPrivate) exchange.cache = { status: 'hit; ttl=60' }
    const given: Answer = {
      status: 200,
      headers: ['Date', 'x', 'Content-Length', '20', 'Age', '0', ...exchange.addedHeaders],
      body: changes.body ?? body,
      outcome: { kind: 'served', from: 'fresh' },
    }
    lane.learn(exchange, { ...given, ...changes.answer })
  }
  const isFound = (target = '/f', asked: readonly string[] = lines): boolean =>
    lane.find(target, asked) !== null
  return { lane, world, teach, isFound }
}

interface Taught {
  readonly exchange?: Partial<Exchange>
  readonly answer?: Partial<Answer>
  readonly added?: readonly string[]
  readonly body?: Uint8Array
  readonly isPrivate?: true
}

test('what the pipeline gave to somebody is given again, to them', async (t) => {
  const { teach, isFound } = laneAt()
  t.notOk(isFound(), 'nothing is known at first')
  teach()
  t.ok(isFound())
  t.ok(isFound('/f', ['Host', 'a']), 'and to those whom nobody has to recognise')
  t.notOk(isFound('/f?x'), 'another target')
  t.notOk(isFound('/f', ['Host', 'b']), 'another host')
  t.notOk(isFound('/f', [...lines, 'Accept-Encoding', 'gzip']), 'another coding')
  t.notOk(isFound('/f', [...lines, 'Range', 'bytes=0-1']), 'something to judge')
  t.notOk(isFound('/f', ['Host', 'a', 'Cookie', 'PORTALSESSION=bruno']), 'not recognised yet')
})

test('whatever may change an answer sends it back to the pipeline', async (t) => {
  const rows: { why: string; change(world: ReturnType<typeof laneAt>['world']): void }[] = [
    {
      why: 'another policy: a class closed, a stage off',
      change: (w) => (w.policy = { ...w.policy }),
    },
    { why: 'the server stops', change: (w) => (w.isDraining = true) },
    { why: 'purged, replaced or evicted', change: (w) => (w.isCurrent = false) },
    { why: 'an answer about to end', change: (w) => (w.nowMs = 58_000) },
  ]
  for (const { why, change } of rows) {
    const { teach, isFound, world } = laneAt()
    teach()
    t.ok(isFound())
    change(world)
    t.notOk(isFound(), why)
  }
  const { teach, isFound, world } = laneAt()
  teach()
  world.nowMs = 57_999
  t.ok(isFound(), 'and not before')
})

test('people are recognised anew every ten to twenty seconds', async (t) => {
  const { teach, isFound, world } = laneAt()
  const others = { headers: { host: 'a', cookie: 'PORTALSESSION=bruno' }, target: '/f' }
  const { request } = exchangeFor(others)
  teach()
  for (const nowMs of [10_000, 20_000]) {
    t.ok(isFound(), `before ${nowMs} ms`)
    world.nowMs = nowMs
    teach({ exchange: { request } })
  }
  t.notOk(isFound(), 'alice was last seen twenty seconds ago')
  t.ok(isFound('/f', ['Host', 'a', 'Cookie', 'PORTALSESSION=bruno']))
})

test('what is not the same for everybody is never learnt', async (t) => {
  const rows: { why: string; taught: Taught }[] = [
    { why: 'not said to be for everybody', taught: { isPrivate: true } },
    {
      why: 'a line for this person, such as a renewed pass',
      taught: { added: ['set-cookie', 'x'] },
    },
    { why: 'a stale answer', taught: { answer: { outcome: { kind: 'served', from: 'stale' } } } },
    { why: 'a 304', taught: { answer: { status: 304 } } },
    { why: 'no bytes', taught: { answer: { body: null } } },
    { why: 'very large', taught: { body: new Uint8Array(300_000) } },
    {
      why: 'a HEAD',
      taught: { exchange: exchangeFor({ method: 'HEAD', headers, routeClass: files }) },
    },
    { why: 'a door', taught: { exchange: ofClass({ isEntry: true }) } },
    { why: 'for people inside', taught: { exchange: ofClass({ isInside: true }) } },
    { why: 'an earlier policy', taught: { exchange: { policy: { ...openPolicy } } } },
  ]
  for (const { why, taught } of rows) {
    const { teach, isFound } = laneAt()
    teach(taught)
    t.notOk(isFound(), why)
  }
})

test('memory for prepared answers is bounded, and what is wanted stays', async (t) => {
  const { teach, isFound } = laneAt({ maxBytes: 40_000 })
  const target = (i: number): { exchange: Partial<Exchange> } => {
    const { request } = exchangeFor({ headers, target: `/f/${i}` })
    return { exchange: { request } }
  }
  for (let i = 0; i < 1_000; i += 1) {
    teach(target(i))
    teach(target(0))
  }
  let kept = 0
  for (let i = 0; i < 1_000; i += 1) if (isFound(`/f/${i}`)) kept += 1
  t.ok(isFound('/f/0'), 'the one that is asked for again and again')
  t.ok(kept > 10 && kept * 600 < 40_000, `${kept} answers of 600 bytes and more`)
})

test('one request in a hundred goes the long way, and each answer counts once', async (t) => {
  const { lane, teach } = laneAt()
  const principal = { user: 'u', school: 'lycée', role: null, groups: [] }
  const { identity } = exchangeFor({ identity: { principal } })
  teach({ exchange: { identity } })
  let given = 0
  for (let i = 0; i < 1_000; i += 1) {
    const hit = lane.find('/f', lines)
    if (hit === null) continue
    lane.given(hit)
    given += 1
  }
  t.equal(given, 990)
  const { byClass, bySchool } = lane.takeTally()
  t.same([...byClass], [['files', 990]])
  t.same([...bySchool], [['lycée', 990]])
  t.same([...lane.takeTally().byClass], [], 'and not again')
})

function ofClass(changes: Parameters<typeof routeClass>[1]): Partial<Exchange> {
  const { routing } = exchangeFor({ routeClass: routeClass('files', changes), target: '/f' })
  return { routing }
}
