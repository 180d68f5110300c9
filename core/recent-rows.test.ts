import { test } from 'tap'
import { RecentRows } from './recent-rows.ts'

test('a row holds its instant and every figure in order, null where nothing was measured', async (t) => {
  const rows = new RecentRows(['a', 'b', 'c'], 10)
  t.same(rows.add(1_000.4, { c: 1.23456, a: 0 }), [1_000, 0, null, 1.235])
  t.same(rows.add(2_000, { a: Number.NaN, b: null, c: Infinity }), [2_000, null, null, null])
})

test('the oldest rows go, and a new viewer gets the newest whole and the older ones thinned', async (t) => {
  const rows = new RecentRows(['n'], 10)
  t.same(rows.thinned(5, 2), [])
  for (let n = 1; n <= 25; n += 1) rows.add(n, { n })
  const instants = (recent: number, step: number) => rows.thinned(recent, step).map(([at]) => at)
  t.same(instants(10, 1), [16, 17, 18, 19, 20, 21, 22, 23, 24, 25])
  t.same(instants(4, 3), [16, 19, 22, 23, 24, 25])
  t.same(instants(0, 5), [16, 21])
})
