import { test } from 'tap'
import { randomStream } from '../../core/random.ts'
import { conditionedArrivals, evenlySpread, scattered } from './arrivals.ts'
import { uniformDistance, uniformDistanceLimit } from './load-checks.ts'
import { amountAt, stepCurve, totalOf } from './step-curve.ts'

const curve = stepCurve(0, [
  { until: 100, rate: 1 },
  { until: 150, rate: 8 },
  { until: 300, rate: 0.5 },
])

test('conditioned arrivals are as many as asked, in order, and follow the curve', async (t) => {
  for (const seed of [1, 2, 3]) {
    const times = [...conditionedArrivals(randomStream(seed, 'a'), curve, 20_000)]
    t.equal(times.length, 20_000)
    t.ok(times.every((at, i) => i === 0 || at >= (times[i - 1] as number)))
    const rescaled = times.map((at) => amountAt(curve, at) / totalOf(curve))
    t.ok(uniformDistance(rescaled) < uniformDistanceLimit(times.length))
  }
})

test('conditioned arrivals are as bursty as a Poisson process', async (t) => {
  const even = stepCurve(0, [{ until: 600, rate: 1 }])
  const bins = Array.from({ length: 600 }, () => 0)
  for (const at of conditionedArrivals(randomStream(7), even, 24_000)) {
    const bin = Math.floor(at)
    bins[bin] = (bins[bin] as number) + 1
  }
  const variance = bins.reduce((sum, n) => sum + (n - 40) ** 2, 0) / bins.length
  t.ok(Math.abs(variance / 40 - 1) < 3 * Math.sqrt(2 / 599), `index of dispersion ${variance / 40}`)
})

test('nobody arrives when nobody is expected', async (t) => {
  t.same([...conditionedArrivals(randomStream(1), curve, 0)], [])
})

test('any stretch of the evenly spread sequence covers everything', async (t) => {
  for (const dimension of [0, 1, 2] as const) {
    for (const from of [0, 1_000, 123_456]) {
      const values = Array.from({ length: 200 }, (_, i) => evenlySpread(0.3, from + i, dimension))
      t.ok(uniformDistance(values.sort((a, b) => a - b)) < 0.05, 'twice as even as chance')
    }
  }
})

test('a scattered walk visits every place once before it repeats', async (t) => {
  for (const count of [1, 2, 3, 7, 500, 8_500]) {
    const places = new Set(Array.from({ length: count }, (_, i) => scattered(i, count)))
    t.equal(places.size, count)
    t.equal(scattered(count + 1, count), scattered(1, count))
  }
})
