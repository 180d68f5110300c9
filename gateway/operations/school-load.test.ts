import { test } from 'tap'
import { restOfSchools, SchoolLoad } from './school-load.ts'

function busy(load: SchoolLoad, requests: Readonly<Record<string, number>>, nowMs: number): void {
  for (const [school, times] of Object.entries(requests)) {
    for (let i = 0; i < times; i += 1) load.note(school, 'served', nowMs)
  }
}

test('the busiest schools are named and the others are one', async (t) => {
  const load = new SchoolLoad()
  busy(load, { a: 60, b: 120, c: 6, d: 6 }, 0)
  load.note('b', 'turnedAway', 0)
  t.same(load.rates(2, 1), [
    { school: 'b', servedPerSecond: 2, turnedAwayPerSecond: 1 / 60 },
    { school: 'a', servedPerSecond: 1, turnedAwayPerSecond: 0 },
    { school: restOfSchools, servedPerSecond: 0.2, turnedAwayPerSecond: 0 },
  ])
})

test('a minute later nothing is left, and time that stands still or goes back does no harm', async (t) => {
  const load = new SchoolLoad()
  busy(load, { a: 6 }, 59_999)
  t.equal(load.rates(1, 59_999)[0]?.school, 'a')
  t.equal(load.rates(1, 109_999)[0]?.school, 'a', 'within a minute')
  t.same(load.rates(1, 110_000), [
    { school: restOfSchools, servedPerSecond: 0, turnedAwayPerSecond: 0 },
  ])
  load.note('b', 'served', 200_000)
  load.note('b', 'served', 100_000)
  t.equal(load.rates(1, 200_000)[0]?.servedPerSecond, 2 / 60)
})

test('nobody can make more names than there are places', async (t) => {
  const load = new SchoolLoad()
  for (let i = 0; i < 30_000; i += 1) load.note(`school ${i}`, 'served', 0)
  load.note('x'.repeat(65), 'served', 0)
  load.note(null, 'served', 0)
  load.note('school 1', 'served', 0)
  const rates = load.rates(20, 0)
  t.equal(rates.length, 21)
  t.equal(rates[0]?.school, 'school 1', 'those counted first are still told apart')
  t.ok((rates.at(-1)?.servedPerSecond ?? 0) > 490, 'and nothing is lost from the sum')
})
