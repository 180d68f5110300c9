import { test } from 'tap'
import { systemClock, type WallMs } from '../core/clock.ts'
import { type RandomStream, randomStream } from '../core/random.ts'
import { redisClient } from '../gateway/redis-client.ts'
import { type DurableQueue, openDurableQueue } from '../gateway/write-absorption/durable-queue.ts'
import { type Mailboxes, openMailboxes, type Turn } from './mailbox-store.ts'
import { startPrivateRedis } from './private-redis-process.ts'
import { type Taken, writesPerTurn } from './turn.ts'
import { turnsWaiting } from './turn-queue.ts'

// Two workers as shipped, a portal that takes 50 ms on average: 640 writes a second at most.
const slots = 32
const serviceMs = 50
const horizonMs = 4_000
const smallSchools = 10

interface Arrival {
  readonly atMs: number
  readonly mailbox: string
  readonly school: string
}

interface Event {
  readonly atMs: number
  happens(): Promise<void>
}

/** Writes as they come: ten schools that use half of what the portal can, and one that floods. */
function arrivals(random: RandomStream, floodTimes: number, nameOf: (school: string) => string) {
  const perMs = slots / serviceMs
  const all: Arrival[] = []
  const add = (ratePerMs: number, school: string, people: number): void => {
    for (let atMs = 0; ; ) {
      atMs += -Math.log(1 - random.next()) / ratePerMs
      if (atMs > horizonMs) return
      const person = Math.floor(random.next() * people)
      all.push({ atMs, mailbox: `${school}-${person}`, school: nameOf(school) })
    }
  }
  for (let n = 0; n < smallSchools; n += 1) add((0.5 * perMs) / smallSchools, `small${n}`, 100)
  if (floodTimes > 0) add(floodTimes * perMs, 'flood', 500)
  return all.toSorted((a, b) => a.atMs - b.atMs)
}

/** The 95th percentile of the time to applied of the small schools, in virtual time. */
async function p95Ms(facts: {
  readonly queue: DurableQueue
  readonly mailboxes: Mailboxes
  readonly time: { nowMs: number }
  readonly floodTimes: number
  readonly nameOf: (school: string) => string
}): Promise<number> {
  const { queue, mailboxes, time, floodTimes, nameOf } = facts
  const random = randomStream(7, 'service')
  const coming = arrivals(randomStream(7, 'arrivals'), floodTimes, nameOf)
  const takes: number[] = []
  const given: Turn[] = []
  const under: Event[] = []
  let isFree = slots
  const later = (event: Event): void => {
    const at = under.findIndex(({ atMs }) => atMs > event.atMs)
    under.splice(at === -1 ? under.length : at, 0, event)
  }
  const work = (turn: Turn, taken: Taken, nth: number): void => {
    const atMs = time.nowMs - Math.log(1 - random.next()) * serviceMs
    const happens = async (): Promise<void> => {
      if (turn.mailbox.startsWith('small')) takes.push(time.nowMs - (taken.job?.acceptedAtMs ?? 0))
      const settlement = { kind: 'applied', goesOn: nth < writesPerTurn } as const
      const next = await mailboxes.settle(turn, taken, settlement)
      if (next === null) isFree += 1
      else work(turn, next, nth + 1)
    }
    later({ atMs, happens })
  }
  const giveOut = async (): Promise<void> => {
    given.push(...(await mailboxes.dispatch(turnsWaiting)))
    for (
      ;
      isFree > 0 && given.length > 0;
      given.push(...(await mailboxes.dispatch(turnsWaiting)))
    ) {
      const turn = given.shift() as Turn
      const taken = await mailboxes.begin(turn)
      if (taken === null) continue
      isFree -= 1
      work(turn, taken, 1)
    }
  }
  const startMs = time.nowMs
  for (let n = 0; n < coming.length; ) {
    const arrival = coming[n]
    const event = under[0]
    if (event && (!arrival || event.atMs < startMs + arrival.atMs)) {
      under.shift()
      time.nowMs = event.atMs
      await event.happens()
    } else if (arrival) {
      time.nowMs = startMs + arrival.atMs
      await queue.append(writeOf(arrival, n, time.nowMs))
      n += 1
    }
    await giveOut()
  }
  return takes.toSorted((a, b) => a - b)[Math.floor(takes.length * 0.95)] ?? Number.NaN
}

function writeOf({ mailbox, school }: Arrival, n: number, acceptedAtMs: number) {
  return {
    id: `w-${n}`,
    fingerprint: 'f',
    mailbox,
    school,
    dueAtMs: null,
    slot: null,
    payload: 'sealed',
    job: {
      version: 3,
      className: 'hand-in',
      outcome: 'dedupes',
      success: [201],
      acceptedAtMs,
      deadlineMs: 1e15,
      attemptBound: 5,
      owner: '',
      parkAs: null,
      keyAtOrigin: null,
    },
  } as const
}

test('one school that floods the queue costs the others next to nothing', async (t) => {
  const redis = await startPrivateRedis('everysec')
  const client = redisClient(redis.address, 5_000)
  await client.connect()
  t.teardown(async () => {
    client.disconnect()
    await redis.stop()
  })
  const time = { nowMs: 1_000 }
  const clock = { ...systemClock, wallMs: () => time.nowMs as WallMs }
  const queue = openDurableQueue(client, clock.wallMs)
  const mailboxes = openMailboxes(client, clock)
  const measure = async (floodTimes: number, nameOf = (school: string) => school) => {
    await client.flushall()
    time.nowMs = 1_000
    return p95Ms({ queue, mailboxes, time, floodTimes, nameOf })
  }
  const alone = await measure(0)
  const beside = await measure(3)
  const unfair = await measure(3, () => 'all in one line')
  t.comment(`p95 ${alone.toFixed(0)} ms alone, ${beside.toFixed(0)} ms beside a flood`)
  t.ok(beside <= 1.2 * alone, `${beside} ms beside ${alone}`)
  t.ok(unfair > 2 * alone, `without turns by school it would be ${unfair} ms`)
})
