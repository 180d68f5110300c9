import { test } from 'tap'
import { logNormal } from './distributions.ts'
import { LatencyHistogram } from './latency-histogram.ts'
import { randomStream } from './random.ts'

const ratios = [0, 0.001, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 1]

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const value of values) histogram.record(value)
  return histogram
}

/** The smallest value that `ratio` of the sorted values do not exceed. */
function exactQuantile(sorted: readonly number[], ratio: number): number {
  return sorted[Math.max(1, Math.ceil(ratio * sorted.length)) - 1] as number
}

const shapes: { what: string; medianMs: number; sigma: number; count: number }[] = [
  { what: 'short and alike', medianMs: 2, sigma: 0.1, count: 20_000 },
  { what: 'as a portal’s', medianMs: 180, sigma: 1, count: 50_000 },
  { what: 'from microseconds to hours', medianMs: 100, sigma: 2.5, count: 50_000 },
  { what: 'few', medianMs: 50, sigma: 1, count: 3 },
]

for (const { what, medianMs, sigma, count } of shapes) {
  test(`quantiles of durations that are ${what} are within 0.8 % of the exact ones`, async (t) => {
    const random = randomStream(5, what)
    const values = Array.from({ length: count }, () => logNormal(random, medianMs, sigma))
    const histogram = histogramOf(values)
    const sorted = values.toSorted((a, b) => a - b)
    for (const ratio of ratios) {
      const exact = exactQuantile(sorted, ratio)
      const found = histogram.quantileMs(ratio) as number
      t.ok(found >= exact, `${ratio}: never below, ${found} for ${exact}`)
      // Below 128 µs the buckets are one microsecond wide.
      t.ok(found <= exact * 1.008 || found - exact <= 0.001, `${ratio}: ${found} for ${exact}`)
    }
    const mean = values.reduce((sum, value) => sum + value, 0) / count
    t.ok(Math.abs((histogram.meanMs() as number) / mean - 1) < 1e-9, 'the mean is exact')
    t.equal(histogram.maxMs, sorted.at(-1), 'the maximum is exact')
    t.equal(histogram.count, count)
  })
}

test('at every power of two, a duration stays in its own bucket', async (t) => {
  for (let power = 0; power < 36; power += 1) {
    for (const us of [2 ** power - 0.001, 2 ** power, 2 ** power + 0.001]) {
      const found = histogramOf([us / 1_000, 1e9]).quantileMs(0.5) as number
      const error = found * 1_000 - us
      t.ok(error >= -1e-6 && error <= Math.max(1.001, us * 0.008), `${us} µs: ${found * 1_000}`)
    }
  }
})

test('merging two histograms is recording both', async (t) => {
  const left = [1, 2, 3, 400, 0]
  const right = [5, 2, 80_000]
  const merged = histogramOf(left)
  merged.merge(histogramOf(right))
  t.same(merged.toJSON(), histogramOf([...left, ...right]).toJSON())
  t.equal(merged.count, 8)
  merged.merge(new LatencyHistogram())
  t.equal(merged.count, 8, 'nothing adds nothing')
})

test('a histogram comes back whole from JSON', async (t) => {
  const histogram = histogramOf([0, 0.4, 12, 12, 900, 1e12])
  const copy = LatencyHistogram.fromJSON(JSON.parse(JSON.stringify(histogram)))
  t.same(copy.toJSON(), histogram.toJSON())
  for (const ratio of ratios) t.equal(copy.quantileMs(ratio), histogram.quantileMs(ratio))
  t.equal(copy.count, 6)
  t.equal(copy.meanMs(), histogram.meanMs())
  copy.record(5)
  t.equal(copy.count, 7, 'and goes on recording')
})

test('one record with a count is that many records', async (t) => {
  const counted = new LatencyHistogram()
  counted.record(7, 3)
  t.same(counted.toJSON(), histogramOf([7, 7, 7]).toJSON())
})

test('nothing recorded has no quantile and no mean', async (t) => {
  const empty = new LatencyHistogram()
  t.equal(empty.quantileMs(0.5), null)
  t.equal(empty.meanMs(), null)
  t.equal(empty.count, 0)
  t.same(empty.toJSON(), { buckets: [], sumMs: 0, maxMs: 0 })
})

test('durations of zero are zero', async (t) => {
  const histogram = histogramOf([0, 0, 0])
  for (const ratio of ratios) t.equal(histogram.quantileMs(ratio), 0)
})

test('a duration beyond the range counts, at the last bucket', async (t) => {
  const histogram = histogramOf([1, 1e15])
  t.equal(histogram.count, 2)
  t.equal(histogram.maxMs, 1e15)
  const hours = (histogram.quantileMs(1) as number) / 3_600_000
  t.ok(hours > 18, `${hours} hours`)
})
