import { test } from 'tap'
import { OriginHealth } from './origin-health.ts'

const key = (i: number): string => `session ${i}`
const keys = Array.from({ length: 2_000 }, (_, i) => key(i))

function memberOf(health: OriginHealth, of: string, nowMs: number): number | 'down' {
  const choice = health.choose({ key: of, isSafe: false }, nowMs)
  return choice.kind === 'down' ? 'down' : choice.member
}

function fail(health: OriginHealth, member: number, { times = 5, nowMs = 0 } = {}): void {
  for (let i = 0; i < times; i += 1) health.ended(member, 'failed', nowMs)
}

test('a session stays with one origin, and sessions are spread evenly', async (t) => {
  const health = new OriginHealth(4)
  const first = keys.map((one) => memberOf(health, one, 0))
  t.same(
    keys.map((one) => memberOf(health, one, 99_999)),
    first,
  )
  for (let member = 0; member < 4; member += 1) {
    const share = first.filter((one) => one === member).length / keys.length
    t.ok(share > 0.2 && share < 0.3, `origin ${member} has ${share}`)
  }
})

test('who does not answer five times in a row is left alone, and only its sessions move', async (t) => {
  const health = new OriginHealth(3)
  const before = keys.map((one) => memberOf(health, one, 0))
  fail(health, 1, { times: 4 })
  health.ended(1, 'answered', 0)
  fail(health, 1, { times: 4 })
  t.equal(health.resting, 0, 'an answer between them and nothing is wrong')
  fail(health, 1, { times: 9, nowMs: 499 })
  t.equal(health.resting, 0, 'nor where it answered a moment ago')
  fail(health, 1, { times: 1, nowMs: 500 })
  t.equal(health.resting, 1)
  const after = keys.map((one) => memberOf(health, one, 500))
  t.notOk(after.includes(1))
  t.same(
    after.filter((_, i) => before[i] !== 1),
    before.filter((member) => member !== 1),
  )
})

test('one request at a time finds out whether it is back, after 1, 2, 4 and 5 seconds', async (t) => {
  const health = new OriginHealth(1)
  let nowMs = 0
  fail(health, 0)
  const probe = { key: 'a', isSafe: true }
  for (const restMs of [1_000, 2_000, 4_000, 5_000, 5_000]) {
    t.same(health.choose(probe, nowMs + restMs - 1), { kind: 'down' }, `before ${restMs} ms`)
    nowMs += restMs
    t.same(health.choose({ ...probe, isSafe: false }, nowMs), { kind: 'down' }, 'no write')
    t.same(health.choose(probe, nowMs), { kind: 'send', member: 0 })
    t.same(health.choose(probe, nowMs), { kind: 'down' }, 'one at a time')
    health.ended(0, 'failed', nowMs)
  }
  t.same(health.choose(probe, nowMs + 5_000), { kind: 'send', member: 0 })
  health.ended(0, 'unknown', nowMs)
  t.same(health.choose(probe, nowMs + 5_000), { kind: 'send', member: 0 }, 'who left told nothing')
  health.ended(0, 'answered', nowMs + 5_000)
  t.equal(memberOf(health, 'b', nowMs + 5_000), 0)
  t.same(health.choose(probe, 0), { kind: 'send', member: 0 }, 'also when time goes backwards')
})

test('what was sent before the rest began does not make it longer', async (t) => {
  const health = new OriginHealth(1)
  fail(health, 0, { times: 500 })
  t.same(health.choose({ key: 'a', isSafe: true }, 1_000), { kind: 'send', member: 0 })
})

test('an origin that is back gets its sessions by and by', async (t) => {
  const health = new OriginHealth(2)
  const before = keys.map((one) => memberOf(health, one, 0))
  fail(health, 0)
  health.ended(0, 'answered', 10_000)
  const shareAt = (nowMs: number): number =>
    keys.filter((one) => memberOf(health, one, nowMs) === 0).length / keys.length
  const shares = [10_000, 20_000, 40_000, 100_000].map(shareAt)
  t.ok((shares[0] as number) < 0.15, `${shares[0]} at once`)
  for (let i = 1; i < shares.length; i += 1)
    t.ok((shares[i] as number) > (shares[i - 1] as number), `${shares[i]}`)
  t.same(
    keys.map((one) => memberOf(health, one, 10_000_000)),
    before,
    'in the end each has its own again',
  )
})

test('an edge that is bypassed leaves nobody alone', async (t) => {
  const health = new OriginHealth(1)
  fail(health, 0)
  t.same(health.chooseAny('a'), { kind: 'send', member: 0 })
})

test('where people only write, a write finds out, a second later', async (t) => {
  const health = new OriginHealth(1)
  fail(health, 0)
  const write = { key: 'a', isSafe: false }
  t.same(health.choose(write, 1_999), { kind: 'down' })
  t.same(health.choose(write, 2_000), { kind: 'send', member: 0 })
  t.same(health.choose({ ...write, isSafe: true }, 2_000), { kind: 'down' }, 'one at a time')
})
