import { test } from 'tap'
import { logNormal } from '../../core/distributions.ts'
import { randomStream } from '../../core/random.ts'
import { isRegression, pairedDifference } from './paired-difference.ts'

/** Twelve windows of a run: a day's shape that both runs share, and noise of their own. */
function runs(seed: number, factor: number) {
  const random = randomStream(seed, 'runs')
  return Array.from({ length: 12 }, () => {
    const shape = logNormal(random, 300, 0.5)
    return {
      before: logNormal(random, shape, 0.06),
      after: logNormal(random, shape * factor, 0.06),
    }
  })
}

const caught = (factor: number): number => {
  let count = 0
  for (let seed = 0; seed < 300; seed += 1) {
    if (isRegression(pairedDifference(runs(seed, factor), seed), 0.05)) count += 1
  }
  return count / 300
}

test('two runs of the same thing raise a false alarm in at most 2 % of cases', async (t) => {
  t.ok(caught(1) <= 0.02, `${caught(1)}`)
})

test('a fifth more is caught in at least 90 % of cases', async (t) => {
  t.ok(caught(1.2) >= 0.9, `${caught(1.2)}`)
})

test('faster is no regression', async (t) => {
  t.equal(caught(0.8), 0)
})

test('too few windows, or nothing to compare with, say nothing', async (t) => {
  t.equal(pairedDifference(runs(1, 2).slice(0, 5), 1), null)
  const nothing = Array.from({ length: 8 }, () => ({ before: 0, after: 5 }))
  t.equal(pairedDifference(nothing, 1), null)
  t.equal(isRegression(null, 0.05), false)
})
