import { test } from 'tap'
import { readScenario } from './scenario-store.ts'
import { planWeek } from './week-plan.ts'

const reading = await readScenario('closure-morning')
if (reading.kind === 'refused') throw new Error(reading.problems.join(' '))
const week = planWeek({ ...reading, visits: 100_000, seed: 2 })

test('a week has the visits asked for, as long as their law says, most of them on Monday', async (t) => {
  t.same(
    week.checks.filter(({ holds }) => !holds),
    [],
  )
  t.ok(Math.abs(week.visits - 100_000) <= 14)
  t.equal(week.busiestMinute.day, 'monday')
  const [monday, , wednesday] = week.days
  const ratio = (wednesday?.visits ?? 0) / (monday?.visits ?? 1)
  t.ok(Math.abs(ratio - 0.85 / 1.1) < 0.001)
})

test('people inside are what their arrivals and stays make them', async (t) => {
  // Little at the busiest hour: 13.5 % of Monday's visits, 19.2 min each, pulses beside.
  const perMinute = ((week.days[0]?.visits ?? 0) * 0.135) / 60
  const expected = perMinute * (week.meanVisitMs / 60_000)
  t.ok(week.mostInside.people > 0.8 * expected, `${week.mostInside.people} for ${expected}`)
  t.ok(week.mostInside.people < 1.6 * expected, `${week.mostInside.people} for ${expected}`)
})
