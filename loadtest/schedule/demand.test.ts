import { test } from 'tap'
import { referencePortal } from '../../scenarios/portals/reference.ts'
import { demandOf } from './demand.ts'
import { planSchedule } from './plan.ts'
import { readScenario } from './scenario-store.ts'

const reading = await readScenario('closure-morning')
if (reading.kind === 'refused') throw new Error(reading.problems.join(' '))
const schedule = planSchedule({ ...reading, scale: 0.05, seed: 1 })
const costing = (service: string, seconds: number, secondsPerAsset = 0) =>
  demandOf(schedule, {
    portal: referencePortal,
    secondsPerService: (name) => (name === service ? seconds : 0),
    secondsPerAsset,
  })

test('demand counts each page once and follows the phases', async (t) => {
  for (const [i, demand] of costing('shell', 0.5).entries()) {
    const { name, pagesPerSecond } = schedule.phases[i] as (typeof schedule.phases)[number]
    t.equal(demand.name, name)
    t.ok(Math.abs(demand.bottleneckSecondsPerSecond - demand.pagesPerSecond / 2) < 1e-9)
    t.ok(Math.abs(demand.pagesPerSecond / pagesPerSecond - 1) < 0.05, name)
  }
})

test('logins are those of people who arrive, not of people already inside', async (t) => {
  const seconds = schedule.phases.map(({ fromMs, toMs }) => (toMs - fromMs) / 1_000)
  const logins = costing('login', 1).reduce((sum, { loginsPerSecond, ...demand }, i) => {
    t.ok(Math.abs(demand.bottleneckSecondsPerSecond - loginsPerSecond) < 1e-9)
    return sum + loginsPerSecond * (seconds[i] as number)
  }, 0)
  const arriving = Array.from({ length: schedule.sessionCount }, (_, i) =>
    schedule.sessionAt(i),
  ).filter(({ firstPage }) => firstPage === 0).length
  t.equal(Math.round(logins), arriving)
})

test('an asset is fetched once a session', async (t) => {
  const most = new Set(Object.values(referencePortal.pages).flatMap(({ assets }) => assets)).size
  const seconds = schedule.phases.map(({ fromMs, toMs }) => (toMs - fromMs) / 1_000)
  const fetched = costing('none', 0, 1).reduce(
    (sum, demand, i) => sum + demand.bottleneckSecondsPerSecond * (seconds[i] as number),
    0,
  )
  t.ok(fetched > 0 && fetched <= schedule.sessionCount * most)
})

test('the peak asks for about six times what the phases around it ask for', async (t) => {
  const demands = demandOf(schedule, {
    portal: referencePortal,
    secondsPerService: () => 0.1,
    secondsPerAsset: 0,
  }).map((demand) => demand.bottleneckSecondsPerSecond)
  const [before, , peak, after] = demands as [number, number, number, number]
  t.ok(peak / before > 4.5 && peak / before < 8, `${peak / before}`)
  t.ok(peak / after > 4.5 && peak / after < 8, `${peak / after}`)
})
