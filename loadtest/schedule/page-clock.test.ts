import { test } from 'tap'
import { randomStream } from '../../core/random.ts'
import { pageClock } from './page-clock.ts'
import { stepCurve } from './step-curve.ts'

const wanted = stepCurve(0, [
  { until: 10_000, rate: 0.01 },
  { until: 20_000, rate: 0.04 },
  { until: 30_000, rate: 0.01 },
])

/** Pages that come twice too fast; three in four people are there only at the higher rate. */
const candidates = Array.from({ length: 4_000 }, (_, i) => ({
  atMs: i * 12.5 + 5 * randomStream(3, i).next(),
  aboveRate: (i % 4) * 0.01,
}))
const clock = pageClock(candidates, wanted)

test('each step of the curve gets its pages to within a few, whatever was drawn', async (t) => {
  const played = candidates
    .map(({ atMs, aboveRate }) => ({ atMs: clock(atMs), aboveRate }))
    .filter(({ atMs, aboveRate }) => aboveRate < (atMs >= 10_000 && atMs < 20_000 ? 0.04 : 0.01))
  const between = (from: number, to: number): number =>
    played.filter(({ atMs }) => atMs >= from && atMs < to).length
  t.ok(Math.abs(between(0, 10_000) - 100) <= 2, `${between(0, 10_000)} of 100`)
  t.ok(Math.abs(between(10_000, 20_000) - 400) <= 2, `${between(10_000, 20_000)} of 400`)
  t.ok(Math.abs(between(20_000, 30_000) - 100) <= 2, `${between(20_000, 30_000)} of 100`)
  t.ok(Math.abs(between(12_000, 14_000) - 80) <= 6, 'and every few seconds of it too')
})

test('the page clock keeps the order of pages and leaves the past alone', async (t) => {
  const times = candidates.map(({ atMs }) => clock(atMs))
  t.ok(times.every((at, i) => i === 0 || at > (times[i - 1] as number)))
  t.equal(clock(-5_000), -5_000)
  t.equal(clock(0), 0)
})

test('without candidates the clock is the identity', async (t) => {
  t.equal(pageClock([], wanted)(1_234), 1_234)
})
