import { test } from 'tap'
import type { Outcome } from '../outcome.ts'
import { LineSampling } from './access-line.ts'

const served: Outcome = { kind: 'served', from: 'fresh' }
const full: Outcome = { kind: 'turned-away', reason: 'gate-full' }
const failed: Outcome = { kind: 'turned-away', reason: 'origin-timeout' }

test('one line in a hundred stands for a hundred', async (t) => {
  const sampling = new LineSampling(100)
  const weights = Array.from({ length: 1_000 }, () => sampling.weigh(served, 0))
  t.equal(weights.filter((weight) => weight > 0).length, 10)
  t.equal(
    weights.reduce((sum, weight) => sum + weight, 0),
    1_000,
  )
})

test('no kind of refusal is missing from any second, however rare', async (t) => {
  const sampling = new LineSampling(1_000_000)
  for (let second = 0; second < 10; second += 1) {
    for (let i = 0; i < 5_000; i += 1) sampling.weigh(full, second * 1_000)
    t.equal(sampling.weigh(failed, second * 1_000), 1)
  }
})

test('a storm of refusals is thinned, and its sum is still right', async (t) => {
  const sampling = new LineSampling(50)
  const weights = Array.from({ length: 5_020 }, () => sampling.weigh(full, 0))
  t.equal(weights.filter((weight) => weight > 0).length, 20 + 100)
  t.equal(
    weights.reduce((sum, weight) => sum + weight, 0),
    5_020,
  )
})

test('every request has its line when one in one is asked for', async (t) => {
  const sampling = new LineSampling(1)
  for (let i = 0; i < 50; i += 1) t.equal(sampling.weigh(served, 0), 1)
})
