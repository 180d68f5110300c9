import { test } from 'tap'
import { exponential } from '../../core/distributions.ts'
import { randomStream } from '../../core/random.ts'
import { ServiceTimes } from './service-times.ts'

const hourMs = 3_600_000
const quiet = { slowness: 1 }
const busy = { slowness: 1.3 }

function learnt(ms: number): ServiceTimes {
  const times = new ServiceTimes()
  for (let i = 0; i < 200; i += 1) times.learn('page', ms, { atMs: i, ...quiet })
  return times
}

const near = (actual: number | null, expected: number) =>
  actual !== null && Math.abs(actual / expected - 1) < 1e-6

test('what an origin takes with time to spare is learnt from quiet times', async (t) => {
  const times = new ServiceTimes()
  t.equal(times.baselineMs('page'), null)
  for (let i = 0; i < 19; i += 1) times.learn('page', 100, { atMs: i, ...quiet })
  t.equal(times.baselineMs('page'), null, 'not from the first few')
  times.learn('page', 100, { atMs: 20, ...quiet })
  t.ok(near(times.baselineMs('page'), 100))
})

test('a day of overload does not move it', async (t) => {
  const times = learnt(100)
  for (let i = 0; i < 500_000; i += 1) times.learn('page', 5_000, { atMs: i * 173, slowness: 50 })
  for (let i = 0; i < 100; i += 1) times.note('page', 5_000, 0)
  t.ok(near(times.baselineMs('page'), 100))
  t.ok(times.recentMs('page') > 4_999, 'what it takes now is known all the same')
})

test('an origin that became slower is believed by a tenth an hour', async (t) => {
  const times = learnt(100)
  for (let i = 0; i < 100_000; i += 1)
    times.learn('page', 300, { atMs: 200 + (i * hourMs) / 100_000, ...quiet })
  t.ok(Math.abs((times.baselineMs('page') ?? 0) - 110) < 0.5, `${times.baselineMs('page')}`)
  for (let i = 0; i < 5; i += 1) times.learn('page', 300, { atMs: 20 * hourMs, ...quiet })
  t.ok((times.baselineMs('page') ?? 0) <= 300.001, 'a long gap goes no further than what is seen')
})

test('an origin that became faster is believed as it shows, and chance does not wear it down', async (t) => {
  const faster = learnt(100)
  for (let i = 0; i < 10_000; i += 1) faster.learn('page', 50, { atMs: 200, ...quiet })
  t.ok((faster.baselineMs('page') ?? 100) < 51)
  const random = randomStream(1, 'times')
  const steady = new ServiceTimes()
  const seen: number[] = []
  for (let i = 0; i < 500_000; i += 1) {
    steady.learn('page', exponential(random, 100), { atMs: i * 173, ...quiet })
    if (i % 1_000 === 999 && i > 5_000) seen.push(steady.baselineMs('page') ?? 0)
  }
  const spread = Math.max(...seen) / Math.min(...seen)
  t.ok(spread < 1.25, `within ${spread.toFixed(2)} over a day`)
})

test('a class first met under load is taken to be as slowed as the others', async (t) => {
  const times = learnt(100)
  for (let i = 0; i < 20; i += 1) times.learn('export', 2_600, { atMs: 300, ...busy })
  t.ok(near(times.baselineMs('export'), 2_000))
})

test('what is pinned never moves', async (t) => {
  const times = new ServiceTimes()
  times.pin({ page: 80 })
  for (let i = 0; i < 1_000; i += 1) times.learn('page', 10, { atMs: i, ...quiet })
  t.ok(near(times.baselineMs('page'), 80))
  t.ok(near(times.baselines()['page'] ?? 0, 80))
})

test('a flood of class names is not kept', async (t) => {
  const times = new ServiceTimes()
  for (let i = 0; i < 2_000; i += 1) times.note(`class ${i}`, i, 0)
  t.equal(times.recentMs('class 1999'), times.meanMs)
})
