import { type Test, test } from 'tap'
import { systemClock, type WallMs } from '../core/clock.ts'
import { redisClient } from '../gateway/redis-client.ts'
import { openDurableQueue } from '../gateway/write-absorption/durable-queue.ts'
import { openMailboxes, type Turn } from './mailbox-store.ts'
import { startPrivateRedis } from './private-redis-process.ts'
import type { Settlement } from './settlement.ts'
import type { Taken } from './turn.ts'
import type { QueuedWrite } from './write-job.ts'

const applied: Settlement = { kind: 'applied', goesOn: true }
const again: Settlement = { kind: 'again', afterMs: 5_000, seen: 'unknown', goesOn: false }

function writeOf(mailbox: string, n: number, change: Partial<QueuedWrite> = {}): QueuedWrite {
  return {
    id: `w-${mailbox}-${n}`,
    fingerprint: 'f',
    mailbox,
    school: 's1',
    payload: 'sealed',
    dueAtMs: null,
    slot: null,
    job: {
      version: 3,
      className: 'hand-in',
      outcome: 'dedupes',
      success: [201],
      acceptedAtMs: 1_000 + n,
      deadlineMs: 1e15,
      attemptBound: 5,
      owner: '',
      parkAs: null,
      keyAtOrigin: null,
    },
    ...change,
  }
}

/** The mailboxes on a real Redis, and a clock in the test's hands. */
async function setUp(t: Test) {
  const redis = await startPrivateRedis()
  const client = redisClient(redis.address, 2_000)
  await client.connect()
  t.teardown(async () => {
    client.disconnect()
    await redis.stop()
  })
  const time = { nowMs: 10_000 }
  const clock = { ...systemClock, wallMs: () => time.nowMs as WallMs }
  const queue = openDurableQueue(client, clock.wallMs)
  const mailboxes = openMailboxes(client, clock)
  const begin = async (turn: Turn | undefined) => {
    const taken = turn && (await mailboxes.begin(turn))
    if (!taken) throw new Error('no turn')
    return taken
  }
  return { client, queue, mailboxes, time, begin }
}

test('a mailbox has one turn at a time, and its writes come in order', async (t) => {
  const { queue, mailboxes, begin } = await setUp(t)
  for (const n of [1, 2, 3]) await queue.append(writeOf('m1', n))
  const [turn, ...others] = await mailboxes.dispatch(10)
  t.same(others, [])
  t.same(await mailboxes.dispatch(10), [])
  const first = await begin(turn)
  t.equal(first.id, 'w-m1-1')
  const second = (await mailboxes.settle(turn as Turn, first, applied)) as Taken
  t.equal(second.id, 'w-m1-2')
  await queue.append(writeOf('m1', 4))
  t.same(await mailboxes.dispatch(10), [], 'a write that comes meanwhile makes no second turn')
  const third = (await mailboxes.settle(turn as Turn, second, applied)) as Taken
  t.equal(await mailboxes.settle(turn as Turn, third, { ...applied, goesOn: false }), null)
  const [next] = await mailboxes.dispatch(10)
  t.equal((await begin(next)).id, 'w-m1-4')
  t.equal((await queue.backlog()).writes, 1)
})

test('who lost the turn can settle nothing, whatever they think they hold', async (t) => {
  const { queue, mailboxes, begin } = await setUp(t)
  await queue.append(writeOf('m1', 1))
  const [turn] = await mailboxes.dispatch(1)
  const frozen = await begin(turn)
  const other = await begin(turn)
  t.equal(other.id, frozen.id, 'its successor finds the same write')
  t.equal(await mailboxes.settle(turn as Turn, frozen, applied), null)
  t.equal((await queue.find(frozen.id))?.status.kind, 'pending')
  await mailboxes.settle(turn as Turn, other, applied)
  t.equal((await queue.find(frozen.id))?.status.kind, 'applied')
  t.equal(await mailboxes.begin(turn as Turn), null, 'the turn is over')
})

test('a write that waits to be tried again holds up its own mailbox alone', async (t) => {
  const { queue, mailboxes, time, begin } = await setUp(t)
  for (const n of [1, 2]) await queue.append(writeOf('m1', n))
  const [turn] = await mailboxes.dispatch(1)
  await mailboxes.settle(turn as Turn, await begin(turn), again)
  await queue.append(writeOf('m2', 1))
  const backlog = await queue.backlog()
  t.same([backlog.oldestAtMs, backlog.waitingSinceMs], [1_001, 10_000])
  const [other, ...none] = await mailboxes.dispatch(5)
  t.same([other?.mailbox, none], ['m2', []])
  t.equal((await queue.backlog()).waitingSinceMs, null, 'nobody waits for a worker')
  time.nowMs = 15_000
  const [later] = await mailboxes.dispatch(5)
  const taken = await begin(later)
  t.match(taken, { id: 'w-m1-1', attempts: 1, tries: 1, starts: 1 })
})

test('what must not be repeated is known to have been taken before', async (t) => {
  const { queue, mailboxes, begin } = await setUp(t)
  const { job } = writeOf('m1', 1)
  await queue.append(writeOf('m1', 1, { job: { ...job, outcome: 'neither' } }))
  const [turn] = await mailboxes.dispatch(1)
  t.equal((await begin(turn)).wasSent, false)
  t.equal((await begin(turn)).wasSent, true, 'its first holder may have sent it')
})

test('schools take turns, however many of one wait', async (t) => {
  const { queue, mailboxes } = await setUp(t)
  for (let n = 0; n < 300; n += 1) await queue.append(writeOf(`flood-${n}`, 1, { school: 'big' }))
  const small = ['a', 'b', 'c', 'd', 'e']
  for (const school of small) {
    for (const n of [1, 2]) await queue.append(writeOf(`${school}-${n}`, 1, { school }))
  }
  const turns = await mailboxes.dispatch(18)
  const served = turns.map(({ mailbox }) => mailbox.split('-')[0])
  for (const school of small) t.equal(served.filter((one) => one === school).length, 2, school)
  t.equal(served.filter((one) => one === 'flood').length, 8)
})

test('a school with twice the weight has twice the turns', async (t) => {
  const { client, queue, mailboxes } = await setUp(t)
  await client.hset('{ecluse}:weights', 'big', '2')
  for (let n = 0; n < 60; n += 1) {
    await queue.append(writeOf(`big-${n}`, 1, { school: 'big' }))
    await queue.append(writeOf(`small-${n}`, 1, { school: 'small' }))
  }
  const turns = await mailboxes.dispatch(60)
  const big = turns.filter(({ mailbox }) => mailbox.startsWith('big')).length
  t.ok(big >= 39 && big <= 41, `${big} of 60`)
})

test('a full Redis takes no more writes, and lets those it has be settled', async (t) => {
  const { client, queue, mailboxes, begin } = await setUp(t)
  for (const n of [1, 2, 3]) await queue.append(writeOf('m1', n))
  const [first] = await mailboxes.dispatch(1)
  await client.config('SET', 'maxmemory', '1')
  await t.rejects(queue.append(writeOf('m1', 4)), /OOM/)
  const one = await begin(first)
  await mailboxes.settle(first as Turn, one, { ...applied, goesOn: false })
  const [second] = await mailboxes.dispatch(1)
  const two = await begin(second)
  const parked = { kind: 'parked', reason: 'rejected', goesOn: false } as const
  await mailboxes.settle(second as Turn, two, parked)
  t.equal((await queue.backlog()).writes, 1)
  t.same((await queue.find(two.id))?.status, { kind: 'dead-letter', reason: 'rejected' })
})

test('a turn nobody took up is given back, one that was taken up anew is not', async (t) => {
  const { queue, mailboxes } = await setUp(t)
  await queue.append(writeOf('m1', 1))
  const [lost] = await mailboxes.dispatch(1)
  t.same(await mailboxes.turns(), [lost])
  await mailboxes.giveBack(lost as Turn)
  t.same(await mailboxes.turns(), [])
  const [turn] = await mailboxes.dispatch(1)
  t.equal(turn?.mailbox, 'm1')
  await mailboxes.giveBack(lost as Turn)
  t.same(await mailboxes.turns(), [turn])
  t.equal(await mailboxes.begin(lost as Turn), null)
})

test('within a school, what has a deadline goes first, the earliest of all', async (t) => {
  const { queue, mailboxes, time } = await setUp(t)
  await queue.append(writeOf('ticks', 1))
  time.nowMs += 1
  await queue.append(writeOf('late', 1, { dueAtMs: 90_000 }))
  await queue.append(writeOf('soon', 1, { dueAtMs: 60_000 }))
  await queue.append(writeOf('more-ticks', 1))
  const turns = await mailboxes.dispatch(4)
  t.same(
    turns.map(({ mailbox }) => mailbox),
    ['soon', 'late', 'ticks', 'more-ticks'],
  )
})

test('of several writes of one slot the last is applied, unless one is under way', async (t) => {
  const { queue, mailboxes, begin } = await setUp(t)
  const tick = (n: number) => writeOf('m1', n, { slot: 'homework-7' })
  await queue.append(tick(1))
  await queue.append(writeOf('m1', 2))
  await queue.append(tick(3))
  t.equal((await queue.find('w-m1-1'))?.status.kind, 'superseded')
  const { writes, oldestAtMs, settled } = await queue.backlog()
  t.same([writes, oldestAtMs, settled], [2, 1_002, 1], 'its age is that of what is left')
  const [turn] = await mailboxes.dispatch(1)
  const second = await begin(turn)
  const third = (await mailboxes.settle(turn as Turn, second, applied)) as Taken
  t.equal(third.id, 'w-m1-3')
  await queue.append(tick(4))
  t.equal((await queue.find('w-m1-3'))?.status.kind, 'pending', 'it may be with the origin')
  const fourth = (await mailboxes.settle(turn as Turn, third, applied)) as Taken
  t.equal(fourth.id, 'w-m1-4')
  await mailboxes.settle(turn as Turn, fourth, applied)
  await queue.append(tick(5))
  t.equal((await queue.find('w-m1-4'))?.status.kind, 'applied', 'what is over stays what it is')
  t.equal((await queue.backlog()).writes, 1)
})

test('an edge that asks gets the turn of a write that nothing stands before', async (t) => {
  const { queue, mailboxes, time } = await setUp(t)
  const { token } = await queue.append(writeOf('m1', 1), 20_000)
  t.type(token, 'string')
  t.same(await mailboxes.dispatch(9), [], 'so no worker does')
  t.same(await mailboxes.turns(), [], 'and none wonders why nothing schedules it')
  t.equal((await queue.append(writeOf('m1', 1), 20_000)).isBeingTried, true)
  const next = await queue.append(writeOf('m1', 2), 20_000)
  t.equal(next.token, null, 'a second one waits behind it')
  const held = { mailbox: 'm1', token: token as string, id: 'w-m1-1' }
  t.equal(await queue.settle(held, { kind: 'applied', answer: 'sealed', goesOn: false }), true)
  const again = await queue.append(writeOf('m1', 1), 20_000)
  t.match(again, { token: null, answer: 'sealed', isBeingTried: false })
  const [turn] = await mailboxes.dispatch(9)
  t.equal(turn?.mailbox, 'm1')
  t.equal(await queue.settle(held, { kind: 'forgotten', goesOn: false }), false, 'it is over')
  time.nowMs = 30_000
  t.same(await mailboxes.turns(), [turn])
})

test('of an edge that never came back, the workers take over when its lease has run out', async (t) => {
  const { queue, mailboxes, time, begin } = await setUp(t)
  const { job } = writeOf('m1', 1)
  const once = writeOf('m1', 1, { job: { ...job, outcome: 'neither' } })
  const { token } = await queue.append(once, 20_000)
  time.nowMs = 19_999
  t.same(await mailboxes.dispatch(9), [])
  time.nowMs = 20_000
  const [turn] = await mailboxes.dispatch(9)
  t.equal((await begin(turn)).wasSent, true, 'it may have been sent')
  const held = { mailbox: 'm1', token: token as string, id: 'w-m1-1' }
  t.equal(await queue.settle(held, { kind: 'applied', goesOn: false }), false)
})

test('who is told no by the origin itself leaves nothing behind', async (t) => {
  const { client, queue } = await setUp(t)
  const { token } = await queue.append(writeOf('m1', 1, { slot: 'x' }), 20_000)
  const held = { mailbox: 'm1', token: token as string, id: 'w-m1-1' }
  await queue.settle(held, { kind: 'forgotten', goesOn: false })
  const left = (await client.keys('*')).sort()
  t.same(left, ['{ecluse}:fence', '{ecluse}:owed', '{ecluse}:settled'])
})

test('what a person lost the right to write is put in again when they are back', async (t) => {
  const { queue, mailboxes, begin } = await setUp(t)
  for (const n of [1, 2]) await queue.append(writeOf('m1', n))
  const [turn] = await mailboxes.dispatch(1)
  const lost: Settlement = { kind: 'parked', reason: 'authority-lost', goesOn: true }
  const second = await mailboxes.settle(turn as Turn, await begin(turn), lost)
  await mailboxes.settle(turn as Turn, second as Taken, { ...lost, reason: 'rejected' })
  t.equal(await queue.ownerIsBack('m2'), 0)
  t.equal(await queue.ownerIsBack('m1'), 1, 'what the origin refused stays where it is')
  t.equal(await queue.ownerIsBack('m1'), 0)
  const [again] = await mailboxes.dispatch(1)
  t.equal((await begin(again)).id, 'w-m1-1')
})

test('while operators pause the queue nothing is given out, and edges try nothing', async (t) => {
  const { client, queue, mailboxes } = await setUp(t)
  await client.set('{ecluse}:paused', '1')
  t.equal((await queue.append(writeOf('m1', 1), 20_000)).token, null)
  t.same(await mailboxes.dispatch(9), [])
  t.equal((await queue.backlog()).isPaused, true)
  await client.del('{ecluse}:paused')
  t.equal((await mailboxes.dispatch(9)).length, 1)
})
