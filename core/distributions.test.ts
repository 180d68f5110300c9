import { test } from 'tap'
import { exponential, logNormal, logNormalOfMean, normal, weightedIndex } from './distributions.ts'
import { type RandomStream, randomStream } from './random.ts'

const count = 200_000

function sample(draw: (random: RandomStream) => number): number[] {
  const random = randomStream(11, 'distributions')
  return Array.from({ length: count }, () => draw(random)).sort((a, b) => a - b)
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values)
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)))
}

/** A stream that always draws the same. */
function stuckAt(value: number): RandomStream {
  return { next: () => value }
}

test('exponential draws have the mean asked for and its deviation', async (t) => {
  const values = sample((random) => exponential(random, 40))
  t.ok(Math.abs(meanOf(values) - 40) < 0.4, String(meanOf(values)))
  t.ok(Math.abs(deviationOf(values) - 40) < 0.8, String(deviationOf(values)))
  const halfway = values[count / 2] as number
  t.ok(Math.abs(halfway - 40 * Math.LN2) < 0.4, `median ${halfway}`)
})

test('normal draws have mean 0, deviation 1, and five in a hundred beyond 1.96', async (t) => {
  const values = sample(normal)
  t.ok(Math.abs(meanOf(values)) < 0.01, String(meanOf(values)))
  t.ok(Math.abs(deviationOf(values) - 1) < 0.01, String(deviationOf(values)))
  const beyond = values.filter((value) => Math.abs(value) > 1.96).length / count
  t.ok(Math.abs(beyond - 0.05) < 0.002, String(beyond))
})

test('log-normal draws have the median asked for', async (t) => {
  const values = sample((random) => logNormal(random, 30, 0.8))
  const halfway = values[count / 2] as number
  t.ok(Math.abs(halfway - 30) < 0.3, String(halfway))
  const logarithms = values.map(Math.log)
  t.ok(Math.abs(deviationOf(logarithms) - 0.8) < 0.01)
})

test('log-normal draws of a mean have that mean', async (t) => {
  const values = sample((random) => logNormalOfMean(random, 30, 0.8))
  t.ok(Math.abs(meanOf(values) - 30) < 0.3, String(meanOf(values)))
  t.equal(logNormalOfMean(randomStream(1), 30, 0).toFixed(9), '30.000000000', 'without spread')
})

test('indices are drawn in proportion to their weights', async (t) => {
  const weights = [1, 0, 5, 2]
  const shares = weights.map(() => 0)
  for (const index of sample((random) => weightedIndex(random, weights))) {
    shares[index] = (shares[index] as number) + 1 / count
  }
  for (const [i, weight] of weights.entries()) {
    t.ok(Math.abs((shares[i] as number) - weight / 8) < 0.005, `${i}: ${shares[i]}`)
  }
  t.equal(shares[1], 0, 'a weight of 0 is never drawn')
})

test('the ends of a stream stay finite', async (t) => {
  const last = 1 - 2 ** -53
  for (const end of [0, last]) {
    for (const draw of [exponential, logNormalOfMean]) {
      t.ok(Number.isFinite(draw(stuckAt(end), 10, 1)), `${draw.name} at ${end}`)
    }
    t.ok(Number.isFinite(normal(stuckAt(end))))
  }
  t.equal(exponential(stuckAt(0), 10), 0)
  t.equal(weightedIndex(stuckAt(0), [0, 3]), 1)
  t.equal(weightedIndex(stuckAt(last), [3, 1]), 1)
  t.equal(weightedIndex(stuckAt(0), [3]), 0)
})
