import { test } from 'tap'
import { noStays, stayRatio, withStay } from './stay-sums.ts'

test('people who stay half as long again make a ratio of 1.5, certain when all do', async (t) => {
  const plans = [1_000, 20_000, 300]
  const sums = plans.reduce(
    (all, plannedMs) => withStay(all, { plannedMs, playedMs: plannedMs * 1.5 }),
    noStays,
  )
  t.equal(stayRatio(sums)?.value, 1.5)
  t.ok((stayRatio(sums)?.standardError ?? 1) < 1e-6)
  t.equal(sums.count, 3)
})

test('the error shrinks with the square root of how many stayed', async (t) => {
  const errorOf = (people: number): number => {
    let sums = noStays
    for (let i = 0; i < people; i += 1) {
      sums = withStay(sums, { plannedMs: 1_000, playedMs: i % 2 === 0 ? 900 : 1_100 })
    }
    return stayRatio(sums)?.standardError ?? 0
  }
  t.ok(Math.abs(errorOf(400) / errorOf(100) - 0.5) < 0.001)
  t.ok(Math.abs(errorOf(100) - 0.01) < 1e-9)
})

test('nobody who stayed, or one page only, is no measurement', async (t) => {
  t.equal(stayRatio(noStays), null)
  t.equal(stayRatio(withStay(noStays, { plannedMs: 0, playedMs: 500 })), null)
})
