import { test } from 'tap'
import type { Answer } from '../exchange.ts'
import type { Reason } from '../outcome.ts'
import { MemoryStore } from './memory-store.ts'
import {
  type Ask,
  heldAnswer,
  heldBody,
  leavingClient,
  originAnswer,
  settled,
  StageBench,
} from './stage-fixture.ts'

const bench = () => new StageBench(new MemoryStore(1_000_000))
const many = (b: StageBench, count: number, ask: Ask = {}) =>
  Array.from({ length: count }, () => b.ask(ask))
const froms = (given: readonly { answer: Answer }[]) =>
  given.map(({ answer: { outcome } }) => (outcome.kind === 'served' ? outcome.from : outcome.kind))
const turnedAway = (reason: Reason): Answer => ({
  status: 503,
  headers: [],
  body: null,
  outcome: { kind: 'turned-away', reason },
})

test('a hundred who ask at once for one shared answer cost one fetch', async (t) => {
  const b = bench()
  const held = heldAnswer()
  b.respond = () => held.promise
  const asked = many(b, 100, { audience: 'school' })
  await settled()
  held.give(originAnswer('news'))
  const given = await Promise.all(asked)
  t.equal(b.passed.length, 1)
  t.strictSame(froms(given), ['origin', ...Array.from({ length: 99 }, () => 'coalesced')])
  t.ok(given.every(({ text }) => text === 'news'))
  t.equal(given[1]?.status, 'fwd=uri-miss; collapsed')
  t.equal(b.pendingTimers, 0)
})

test('without coalescing the same hundred cost a hundred', async (t) => {
  const b = bench()
  const held = heldAnswer()
  b.respond = () => held.promise
  const asked = many(b, 100, { audience: 'school', off: 'coalescing' })
  await settled()
  t.equal(b.passed.length, 100)
  held.give(originAnswer('news', {}, 404))
  await Promise.all(asked)
})

test('people of two schools who ask at once never get each other’s answer', async (t) => {
  const b = bench()
  b.respond = async ({ identity }) => {
    await settled()
    return originAnswer(`of ${identity.principal?.school}`)
  }
  const given = await Promise.all(
    Array.from({ length: 100 }, (_, i) => b.ask({ audience: 'school', school: `s${i % 2}` })),
  )
  given.forEach(({ text }, i) => t.equal(text, `of s${i % 2}`))
  t.equal(b.passed.length, 2)
})

test('an answer narrower than its class said is not given to those who waited', async (t) => {
  const b = bench()
  b.respond = async ({ identity }) => {
    await settled()
    const declared = { 'Ecluse-Audience': 'school', 'Ecluse-Cache-Control': 'max-age=60' }
    return originAnswer(`of ${identity.principal?.school}`, declared)
  }
  const given = await Promise.all(
    Array.from({ length: 100 }, (_, i) => b.ask({ audience: 'public', school: `s${i % 2}` })),
  )
  given.forEach(({ text }, i) => t.equal(text, `of s${i % 2}`))
  t.equal(b.passed.length, 2, 'one for each school')
})

test('a leader’s own refusal stays its own and the next one leads', async (t) => {
  for (const reason of ['quota-account', 'waiting-room', 'gate-full'] as const) {
    const b = bench()
    b.respond = async () => {
      const isFirst = b.passed.length === 1
      await settled()
      return isFirst ? turnedAway(reason) : originAnswer('news')
    }
    const given = await Promise.all(many(b, 10))
    t.equal(b.passed.length, 2, reason)
    t.equal(froms(given).filter((from) => from === 'turned-away').length, 1, reason)
  }
})

test('a row of failures does not make people wait in line for ever', async (t) => {
  const b = bench()
  const holds: ReturnType<typeof heldAnswer>[] = []
  b.respond = () => {
    const held = heldAnswer()
    holds.push(held)
    return held.promise
  }
  const asked = many(b, 20)
  for (const expect of [1, 2, 3, 4]) {
    await settled()
    t.equal(holds.length, expect)
    holds.at(-1)?.give(turnedAway('origin-unreachable'))
  }
  await settled()
  t.equal(holds.length, 20, 'the rest no longer wait for one another')
  for (const held of holds) held.give(turnedAway('origin-unreachable'))
  t.ok(froms(await Promise.all(asked)).every((from) => from === 'turned-away'))
})

test('the body of a failure that nobody gets is let go', async (t) => {
  const b = bench()
  await b.ask()
  await b.advance(100_000)
  const body = heldBody()
  b.respond = () => ({ ...originAnswer('', {}, 503), body: body.source })
  await b.ask()
  t.ok(body.isCancelled)
})

test('a refresh and an answer that only its leader had no need of are read to their end', async (t) => {
  const b = bench()
  const body = heldBody()
  b.respond = () => ({ ...originAnswer('', { ETag: '"a"' }), body: body.source })
  const client = leavingClient()
  const told = await b.ask({ headers: { 'if-none-match': '"a"' }, presence: client })
  t.equal(told.answer.status, 304)
  client.leave()
  t.equal(b.passed[0]?.request.presence.isGone, false)
  body.give('news')
  t.equal((await b.ask()).text, 'news')

  await b.advance(30_000)
  const newer = heldBody()
  b.respond = () => ({ ...originAnswer(''), body: newer.source })
  t.strictSame(froms([await b.ask()]), ['stale'])
  await settled()
  t.notOk(newer.isCancelled)
  newer.give('newer')
  t.equal((await b.ask()).text, 'newer')
  t.equal(b.passed.length, 2)
})

test('what the later stages say of a shared fetch is found on its leader’s exchange', async (t) => {
  const b = bench()
  b.respond = (exchange) => {
    exchange.upstream = { status: 200, originMs: 7 }
    return originAnswer('news')
  }
  t.strictSame((await b.ask()).upstream, { status: 200, originMs: 7 })
})

test('when the origin fails everybody gets the stale answer for one attempt', async (t) => {
  const failures = [
    turnedAway('gate-full'),
    turnedAway('origin-timeout'),
    originAnswer('', {}, 503),
  ]
  for (const failure of failures) {
    const b = bench()
    await b.ask()
    await b.advance(100_000)
    const held = heldAnswer()
    b.respond = () => held.promise
    const asked = many(b, 20)
    await settled()
    held.give(failure)
    const given = await Promise.all(asked)
    t.ok(given.every(({ text }) => text === 'news'))
    t.ok(froms(given).every((from) => from === 'stale'))
    t.equal(b.passed.length, 2)
    await b.ask()
    t.equal(b.passed.length, 2, 'not tried again at once')
    await b.advance(3_600_000)
    t.not((await b.ask()).text, 'news', 'too old even for that')
  }
})

test('a stale answer is served at once while one refresh runs, RFC 5861 §3', async (t) => {
  const b = bench()
  await b.ask()
  await b.advance(30_000)
  const held = heldAnswer()
  b.respond = () => held.promise
  const client = leavingClient()
  const stale = await Promise.all([b.ask({ presence: client }), ...many(b, 99)])
  t.ok(froms(stale).every((from) => from === 'stale'))
  t.equal(stale[0]?.status, 'hit; ttl=0')
  client.leave()
  t.equal(b.passed[1]?.request.presence.isGone, false, 'no client can abort it')
  held.give(originAnswer('newer'))
  await settled()
  t.equal((await b.ask()).text, 'newer')
  t.equal(b.passed.length, 2)
})

test('at most eight refreshes run behind answers', async (t) => {
  const b = bench()
  const paths = Array.from({ length: 20 }, (_, i) => `/news/${i}`)
  for (const path of paths) await b.ask({ path })
  await b.advance(30_000)
  const held = heldAnswer()
  b.respond = () => held.promise
  for (const path of paths) await b.ask({ path })
  t.equal(b.passed.length, 28)
})

test('those who wait for an answer that is not shared are released at once', async (t) => {
  const b = bench()
  const held = heldAnswer()
  b.respond = () => held.promise
  const asked = many(b, 50)
  await settled()
  t.equal(b.passed.length, 1)
  held.give({ ...originAnswer('', { 'Cache-Control': 'no-store' }), body: null })
  await Promise.all(asked)
  t.equal(b.passed.length, 50)
  b.respond = () => heldAnswer().promise
  void many(b, 10)
  await settled()
  t.equal(b.passed.length, 60, 'nobody waits for another there any more')
})

test('a fetch goes on when its leader leaves, and ends when nobody waits', async (t) => {
  const b = bench()
  const held = heldAnswer()
  b.respond = () => held.promise
  const leader = leavingClient()
  const follower = leavingClient()
  const first = b.ask({ presence: leader })
  const second = b.ask({ presence: follower })
  await settled()
  leader.leave()
  t.equal(b.passed[0]?.request.presence.isGone, false)
  follower.leave()
  t.equal(b.passed[0]?.request.presence.isGone, true)
  t.strictSame(froms([await second]), ['abandoned'])
  b.respond = () => originAnswer('news')
  t.equal((await b.ask()).text, 'news', 'a new asker does not join a dead fetch')
  held.give(turnedAway('origin-timeout'))
  await first
})

test('a slow leader is relieved by one at a time, not by everybody', async (t) => {
  const b = bench()
  const slow = heldAnswer()
  b.respond = () => slow.promise
  const asked = many(b, 50)
  await settled()
  await b.advance(1999)
  t.equal(b.passed.length, 1)
  await b.advance(1)
  t.equal(b.passed.length, 2)
  await b.advance(2000)
  t.equal(b.passed.length, 3)
  slow.give({ ...originAnswer(''), body: new TextEncoder().encode('late news') })
  const given = await Promise.all(asked)
  t.ok(given.every(({ text }) => text === 'late news'))
  t.equal(b.passed.length, 3)
  t.equal(b.pendingTimers, 0)
})

test('an answer begun before a write is not stored after it', async (t) => {
  const b = bench()
  const held = heldAnswer()
  b.respond = () => held.promise
  const asked = b.ask()
  await settled()
  b.respond = () => originAnswer('', {}, 201)
  await b.ask({ method: 'POST' })
  held.give(originAnswer('before the write'))
  await asked
  b.respond = () => originAnswer('after the write')
  t.equal((await b.ask()).text, 'after the write')
})
