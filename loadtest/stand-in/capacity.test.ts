import { test } from 'tap'
import { randomStream } from '../../core/random.ts'
import { Capacity, type CapacitySettings, type Scheduler } from './capacity.ts'
import { noFaults } from './faults.ts'

/** Timers that fire when the test says so, in order of time. */
class VirtualScheduler implements Scheduler {
  private clockMs = 0
  private timers: { atMs: number; fire: () => void }[] = []

  nowMs(): number {
    return this.clockMs
  }

  after(delayMs: number): Promise<void> {
    return new Promise((fire) => this.timers.push({ atMs: this.clockMs + delayMs, fire }))
  }

  async runUntil(endMs: number): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      this.timers.sort((a, b) => a.atMs - b.atMs)
      const next = this.timers[0]
      if (next === undefined || next.atMs > endMs) break
      this.timers.shift()
      this.clockMs = next.atMs
      next.fire()
    }
    this.clockMs = endMs
  }
}

function capacityOf(changes: Partial<CapacitySettings> = {}) {
  const scheduler = new VirtualScheduler()
  const busy: number[] = []
  const settings = {
    databaseSlots: 1,
    workers: 2,
    identitySlots: 1,
    contention: 0,
    worksForNobody: true,
    isCold: false,
    ...changes,
  }
  const random = randomStream(7)
  const onDatabaseBusy = (slots: number) => busy.push(slots)
  return {
    scheduler,
    busy,
    capacity: new Capacity(settings, { scheduler, random, onDatabaseBusy }),
  }
}

const staying = () => false

test('requests take workers first come first served and wait without limit', async (t) => {
  const { capacity, scheduler } = capacityOf()
  const done: number[] = []
  for (let i = 0; i < 5_000; i += 1) {
    void capacity.serve(staying, async () => {
      await scheduler.after(10)
      done.push(i)
    })
  }
  t.equal(capacity.workers.waiting, 4_998)
  await scheduler.runUntil(25)
  t.same(done, [0, 1, 2, 3])
  t.equal(capacity.workers.waiting, 4_994)
  await scheduler.runUntil(25_000)
  t.same(done, [...Array(5_000).keys()])
  t.equal(capacity.workers.busy, 0)
})

test('a worker that waits for the database stays busy', async (t) => {
  const { capacity, scheduler, busy } = capacityOf()
  for (let i = 0; i < 3; i += 1) void capacity.serve(staying, () => capacity.query(100))
  await scheduler.runUntil(0)
  t.equal(capacity.workers.busy, 2)
  t.equal(capacity.database.waiting, 1)
  t.equal(capacity.workers.waiting, 1)
  await scheduler.runUntil(10_000)
  t.equal(capacity.workers.busy, 0)
  t.same(busy, [1, 0], 'the slot passed from hand to hand')
})

test('the mean database time is the class mean, whatever the collapse', async (t) => {
  const { capacity, scheduler } = capacityOf({ contention: 0.6, databaseSlots: 100, workers: 100 })
  let sumMs = 0
  for (let i = 0; i < 20_000; i += 1) {
    void capacity
      .serve(staying, () => capacity.query(110))
      .then((nominalMs = 0) => {
        sumMs += nominalMs
      })
  }
  await scheduler.runUntil(1e9)
  t.ok(Math.abs(sumMs / 20_000 - 110) < 1.5, `${sumMs / 20_000} ms`)
})

test('contention holds slots longer than the work is worth', async (t) => {
  const { capacity, scheduler } = capacityOf({ contention: 0.6, workers: 4, databaseSlots: 1 })
  let nominalMs = 0
  const ends = [1, 2, 3, 4].map(() =>
    capacity.serve(staying, async () => {
      const queryMs = await capacity.query(100)
      nominalMs += queryMs
      return scheduler.nowMs()
    }),
  )
  await scheduler.runUntil(1e6)
  const lastEndMs = Math.max(...(await Promise.all(ends)).map((end) => end ?? 0))
  t.ok(lastEndMs > nominalMs, `${lastEndMs} ms held for ${nominalMs} ms of work`)
  t.ok(lastEndMs < nominalMs * 1.6)
})

test('a cold portal is slow at first and itself again after 15 s', async (t) => {
  const cold = capacityOf({ isCold: true })
  const warm = capacityOf()
  const heldMs = async (portal: typeof cold) => {
    const startMs = portal.scheduler.nowMs()
    const end = portal.capacity.compute(100).then(() => portal.scheduler.nowMs() - startMs)
    await portal.scheduler.runUntil(startMs + 10_000)
    return end
  }
  t.match(await heldMs(cold), 2.5 * (await heldMs(warm)))
  await Promise.all([cold, warm].map(({ scheduler }) => scheduler.runUntil(15_000)))
  t.equal((await heldMs(cold)).toFixed(6), (await heldMs(warm)).toFixed(6))
})

test('work is done for clients who have left only while the portal collapses', async (t) => {
  for (const worksForNobody of [true, false]) {
    const { capacity, scheduler } = capacityOf({ worksForNobody })
    let worked = 0
    void capacity.serve(
      () => true,
      async () => {
        worked += 1
      },
    )
    await scheduler.runUntil(0)
    t.equal(worked, worksForNobody ? 1 : 0)
    t.equal(capacity.workers.busy, 0)
  }
})

test('one lock, one request at a time, and the waiting worker is lost to others', async (t) => {
  const { capacity, scheduler } = capacityOf()
  const order: string[] = []
  const locked = (name: string, key: string) =>
    void capacity.serve(staying, () =>
      capacity.locked(key, async () => {
        order.push(`${name} in`)
        await scheduler.after(10)
        order.push(`${name} out`)
      }),
    )
  locked('a', 'session 1')
  locked('b', 'session 1')
  locked('c', 'session 2')
  await scheduler.runUntil(5)
  t.same(order, ['a in'], 'b holds the second worker, so c waits for one')
  await scheduler.runUntil(100)
  t.same(order, ['a in', 'a out', 'b in', 'c in', 'b out', 'c out'])
})

test('a failure gives worker, slot and lock back', async (t) => {
  const { capacity, scheduler } = capacityOf()
  const failing = capacity.serve(staying, () =>
    capacity.locked('session', async () => {
      throw new Error('disk')
    }),
  )
  await t.rejects(failing, /disk/)
  t.equal(capacity.workers.busy, 0)
  const next = capacity.serve(staying, () => capacity.locked('session', async () => 'free'))
  await scheduler.runUntil(0)
  t.equal(await next, 'free')
})

test('a stalled portal ends nothing until the stall is over', async (t) => {
  const { capacity, scheduler } = capacityOf()
  let isDone = false
  void capacity
    .serve(staying, () => capacity.query(100))
    .then(() => {
      isDone = true
    })
  capacity.setFaults({ ...noFaults, stalled: true })
  await scheduler.runUntil(60_000)
  t.equal(isDone, false)
  t.equal(capacity.database.busy, 1)
  capacity.setFaults(noFaults)
  await scheduler.runUntil(60_001)
  t.equal(isDone, true)
  t.equal(capacity.database.busy, 0)
})

test('the identity provider has its own line and its own slowness', async (t) => {
  const { capacity, scheduler } = capacityOf()
  capacity.setFaults({ ...noFaults, identitySlowMs: 5_000, slowFactor: 1_000 })
  const answers = [1, 2].map(() => capacity.askIdentityProvider().then(() => scheduler.nowMs()))
  await scheduler.runUntil(60_000)
  const [first = 0, second = 0] = await Promise.all(answers)
  t.ok(first > 5_000 && first < 7_000, 'not stretched by the portal being slow')
  t.ok(second - first > 5_000, 'one at a time')
  capacity.setFaults({ ...noFaults, refuseLogins: true })
  const refused = capacity.askIdentityProvider()
  await scheduler.runUntil(70_000)
  t.equal(await refused, false)
})

test('the share of errors is the share asked for', async (t) => {
  const { capacity } = capacityOf()
  const shareOf = () => [...Array(20_000)].filter(() => capacity.drawsError()).length / 20_000
  t.equal(shareOf(), 0)
  capacity.setFaults({ ...noFaults, errorShare: 0.3 })
  t.ok(Math.abs(shareOf() - 0.3) < 0.015)
  capacity.setFaults({ ...noFaults, errorShare: 1 })
  t.equal(shareOf(), 1)
})
