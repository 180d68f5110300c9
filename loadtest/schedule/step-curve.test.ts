import { test } from 'tap'
import { amountAt, peakRate, rateAt, stepCurve, totalOf, whenReached } from './step-curve.ts'

const curve = stepCurve(10, [
  { until: 20, rate: 2 },
  { until: 20, rate: 9 },
  { until: 30, rate: 0 },
  { until: 34, rate: 5 },
])

const rows = [
  { x: 10, rate: 2, amount: 0, phrase: 'the first edge' },
  { x: 15, rate: 2, amount: 10, phrase: 'inside a step' },
  { x: 20, rate: 0, amount: 20, phrase: 'an edge belongs to the step after it' },
  { x: 29, rate: 0, amount: 20, phrase: 'a step of rate zero' },
  { x: 34, rate: 5, amount: 40, phrase: 'the end' },
  { x: 36, rate: 5, amount: 50, phrase: 'beyond the end, as in the last step' },
  { x: 9, rate: 2, amount: -2, phrase: 'before the beginning, as in the first' },
]

test('a step curve gives rate and running total anywhere', async (t) => {
  for (const { x, rate, amount, phrase } of rows) {
    t.equal(rateAt(curve, x), rate, phrase)
    t.equal(amountAt(curve, x), amount, phrase)
  }
  t.equal(totalOf(curve), 40)
  t.equal(peakRate(curve), 5, 'an empty step has no rate')
})

test('the inverse finds when an amount is reached', async (t) => {
  for (const amount of [0, 3, 19, 21, 39.5, 40]) {
    t.ok(Math.abs(amountAt(curve, whenReached(curve, amount)) - amount) < 1e-9, `${amount}`)
  }
})
