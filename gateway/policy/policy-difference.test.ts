import { test } from 'tap'
import { openPolicy } from '../../test/support/exchange.ts'
import { routeClass } from '../../test/support/edge.ts'
import type { Policy } from './policy.ts'
import { differenceLine, policyDifferences } from './policy-difference.ts'

const news = routeClass('news', { cost: 2 })
const marks = routeClass('marks', { priority: 2 })
const before: Policy = { ...openPolicy, version: 7, classes: [news, marks] }

const rows: { what: string; after: Policy; lines: string[] }[] = [
  { what: 'the same', after: { ...before }, lines: [] },
  {
    what: 'another limit',
    after: { ...before, version: 8, gate: { ...before.gate, maxInFlight: 12 } },
    lines: ['~ version: 7 → 8', '~ gate.maxInFlight: 8 → 12'],
  },
  {
    what: 'a class changed in one place',
    after: { ...before, classes: [{ ...news, cost: 3 }, marks] },
    lines: ['~ classes.news.cost: 2 → 3'],
  },
  {
    what: 'a class more closed',
    after: { ...before, closed: ['news'] },
    lines: ['~ closed: [] → ["news"]'],
  },
  {
    what: 'another order, which decides who matches first',
    after: { ...before, classes: [marks, news] },
    lines: ['~ classes: news marks → marks news'],
  },
  {
    what: 'something that was not said',
    after: { ...before, isBypassed: true },
    lines: ['+ isBypassed: true'],
  },
]
for (const { what, after, lines } of rows) {
  test(`a difference is shown as it is: ${what}`, async (t) => {
    t.same(policyDifferences(before, after).map(differenceLine), lines)
  })
}

test('a class that is gone is shown whole', async (t) => {
  const lines = policyDifferences(before, { ...before, classes: [marks] }).map(differenceLine)
  t.match(lines[0], /^- classes\.news: \{.*"cost":2/)
  t.match(lines[1], /^~ classes: news marks → marks$/)
})
