import { test } from 'tap'
import {
  checked,
  totalVariation,
  totalVariationLimit,
  uniformDistance,
  uniformDistanceLimit,
} from './load-checks.ts'

test('a check holds up to its tolerance and not beyond', async (t) => {
  const rows = [
    { found: 4.5, holds: true },
    { found: 5, holds: true },
    { found: 4, holds: true },
    { found: 5.001, holds: false },
    { found: Number.NaN, holds: false },
  ]
  for (const { found, holds } of rows) {
    t.equal(checked({ name: 'x', expected: 4.5, found, tolerance: 0.5 }).holds, holds, `${found}`)
  }
})

test('the distance from the uniform law is the largest gap between the two', async (t) => {
  t.equal(uniformDistance([]), 0)
  t.equal(uniformDistance([0.5]), 0.5)
  t.equal(uniformDistance([0.25, 0.5, 0.75, 1]), 0.25)
  t.equal(uniformDistance([0.9, 0.9, 0.9, 0.9]), 0.9, 'a clump')
  t.ok(uniformDistance([0.9, 0.9, 0.9, 0.9]) > uniformDistanceLimit(4))
  t.equal(uniformDistanceLimit(10_000), 0.0163)
  t.equal(uniformDistanceLimit(1_000_000), 0.01)
})

test('total variation compares shares, not counts', async (t) => {
  const a = new Map([
    ['x', 3],
    ['y', 1],
  ])
  t.equal(
    totalVariation(
      a,
      new Map([
        ['x', 75],
        ['y', 25],
      ]),
    ),
    0,
  )
  t.equal(totalVariation(a, new Map([['z', 1]])), 1)
  t.equal(
    totalVariation(
      a,
      new Map([
        ['x', 1],
        ['y', 1],
      ]),
    ),
    0.25,
  )
  t.equal(totalVariationLimit(a, 1e9), 0.02, 'many draws')
  t.ok(totalVariationLimit(a, 50) > 0.05, 'few draws')
})
