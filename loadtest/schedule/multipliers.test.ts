import { test } from 'tap'
import { plannedMultipliers, scheduleDay } from './multipliers.ts'
import { readScenario } from './scenario-store.ts'

const reading = await readScenario('closure-morning')
if (reading.kind === 'refused') throw new Error(reading.problems.join(' '))
const { scenario, profile } = reading
const asked = scenario.multipliers

test('planned multipliers are within 1 % of those requested, whatever the seed', async (t) => {
  const rows = [
    { multipliers: asked, phrase: "the profile's own closure day" },
    {
      multipliers: { sessions: 4.5, pages: 4.5, duration: 3 },
      phrase: 'everybody, reading slowly',
    },
    { multipliers: { sessions: 1.61, pages: 10, duration: 3 }, phrase: 'ten times the pages' },
  ]
  for (const { multipliers, phrase } of rows) {
    for (const seed of multipliers === asked ? [1, 2, 3, 4, 5] : [1]) {
      const changed = { ...scenario, multipliers }
      const planned = plannedMultipliers({ scenario: changed, profile, scale: 0.05, seed })
      for (const name of ['sessions', 'pages', 'duration'] as const) {
        const ratio = planned[name] / multipliers[name]
        t.ok(Math.abs(ratio - 1) < 0.01, `${phrase}, seed ${seed}: ${name} ${planned[name]}`)
      }
    }
  }
})

test('the closure day of the profile amounts to the published x4.5 pages and x3 durations', async (t) => {
  const rows = [
    { day: 'baseline', visits: 142_300, pages: 1_499_100, minutes: 899_800 },
    { day: 'closure', visits: 363_500, pages: 6_754_500, minutes: 6_996_500 },
  ] as const
  for (const { day, visits, pages, minutes } of rows) {
    const table = Object.values(profile.days[day].visits.value)
    t.equal(
      table.reduce((sum, row) => sum + row.visits, 0),
      visits,
    )
    t.equal(
      table.reduce((sum, row) => sum + row.visits * row.pages, 0),
      pages,
    )
    t.equal(
      table.reduce((sum, row) => sum + row.visits * row.minutes, 0),
      minutes,
    )
  }
})

test('a day scheduled in full has exactly its visits', async (t) => {
  const multipliers = { sessions: 1, pages: 1, duration: 1 }
  const day = scheduleDay(profile, { day: 'baseline', multipliers, scale: 0.01, seed: 9 })
  t.equal(day.sessions, 595 + 348 + 360 + 120)
})
