import { test } from 'tap'
import { failureCode } from '../../core/failure.ts'
import { planSchedule, type Schedule } from './plan.ts'
import { plannedPages } from './planned-pages.ts'
import { readScenario } from './scenario-store.ts'
import { scheduleChecks } from './schedule-checks.ts'
import { canonicalLines, scheduleHash } from './schedule-hash-store.ts'
import type { Session } from './session.ts'

const reading = await readScenario('closure-morning')
if (reading.kind === 'refused') throw new Error(reading.problems.join(' '))
const { scenario, profile } = reading
const plan = (seed: number, scale = 0.05): Schedule =>
  planSchedule({ scenario, profile, scale, seed })
const sessionsOf = (schedule: Schedule): Session[] =>
  Array.from({ length: schedule.sessionCount }, (_, i) => schedule.sessionAt(i))
const answerMs = profile.answerMs.value

test('the same seed gives the same schedule byte for byte, another seed another', async (t) => {
  t.same([...canonicalLines(plan(1))], [...canonicalLines(plan(1))])
  t.equal(scheduleHash(plan(1)), scheduleHash(plan(1)))
  t.not(scheduleHash(plan(1)), scheduleHash(plan(2)))
})

test('any session can be built alone, in any order', async (t) => {
  const inOrder = sessionsOf(plan(4))
  const other = plan(4)
  for (const index of [50, 3, 50, 0, inOrder.length - 1]) {
    t.same(other.sessionAt(index), inOrder[index])
  }
  t.throws(() => other.sessionAt(inOrder.length), RangeError)
})

test('the schedule is what was asked, over seeds and scales', async (t) => {
  for (const scale of [0.02, 0.05, 0.2]) {
    for (const seed of [1, 2, 3, 4, 5]) {
      const schedule = plan(seed, scale)
      for (const check of scheduleChecks(schedule, scenario.multipliers)) {
        const facts = `${check.found} for ${check.expected} ± ${check.tolerance}`
        t.ok(check.holds, `scale ${scale}, seed ${seed}: ${check.name}, ${facts}`)
      }
    }
  }
})

test('the load after the peak is that before it, a sixth of the peak', async (t) => {
  const rates = plan(1).phases.map(({ pagesPerSecond }) => pagesPerSecond)
  const [before, , peak, after] = rates as [number, number, number, number]
  t.ok(Math.abs(after / before - 1) < 0.002)
  t.ok(Math.abs(peak / before - 6) < 0.01)
})

test('sessions come in the order in which something must happen for them', async (t) => {
  const schedule = plan(2)
  const sessions = sessionsOf(schedule)
  t.ok(sessions.every(({ index }, i) => index === i))
  for (const { index, resumeAtMs } of sessions) {
    t.ok(Math.abs(schedule.startMsOf(index) - resumeAtMs) <= 0.001)
    t.ok(index === 0 || resumeAtMs >= (sessions[index - 1] as Session).resumeAtMs)
  }
})

test('people already inside started in the past and resume during the run', async (t) => {
  for (const session of sessionsOf(plan(3))) {
    t.ok(session.firstPage < session.pages.length)
    t.ok(session.resumeAtMs >= 0 && session.resumeAtMs < 120_000)
    t.equal(session.startMs < 0, session.firstPage > 0)
    if (session.firstPage === 0) t.equal(session.startMs, session.resumeAtMs)
    t.equal(session.pages[0]?.type, 'landing')
  }
})

test('nobody thinks for less than half a second', async (t) => {
  const thinkMs = sessionsOf(plan(5)).flatMap(({ pages }) => pages.map((page) => page.thinkMs))
  t.ok(thinkMs.every((ms) => ms >= 500 && Number.isInteger(ms)))
})

test('nobody is in two places at once', async (t) => {
  for (const seed of [1, 2, 3]) {
    const accounts = sessionsOf(plan(seed, 0.01)).map(({ account }) => account)
    t.equal(new Set(accounts).size, accounts.length)
  }
})

test('the run begins with as many people inside as rate times visit length (Little)', async (t) => {
  // Mean over seeds at 1/5: 16.1 pages/s; a compressed visit has 18.6 pages 3.3 s apart.
  const inside = [1, 2, 3, 4, 5, 6].map((seed) => {
    const schedule = plan(seed, 0.2)
    return sessionsOf(schedule).filter((session) => {
      const pages = plannedPages(session, answerMs)
      const last = pages.at(-1)
      return last !== undefined && session.startMs < 0 && session.resumeAtMs < 19_000
    }).length
  })
  const mean = inside.reduce((sum, n) => sum + n, 0) / inside.length
  const expected = (16.08 / 18.58) * 57.7
  t.ok(Math.abs(mean / expected - 1) < 0.15, `${mean} inside, ${expected} expected`)
})

test('a longer run keeps rates and has more sessions', async (t) => {
  const long = planSchedule({ scenario, profile, scale: 0.05, seed: 1, minutes: 10 })
  t.equal(long.durationMs, 600_000)
  for (const [i, { pagesPerSecond }] of long.phases.entries()) {
    t.ok(Math.abs(pagesPerSecond / (plan(1).phases[i]?.pagesPerSecond ?? 0) - 1) < 0.001)
  }
  t.ok(long.sessionCount > 3 * plan(1).sessionCount)
})

test('think times compressed beyond what people can do are refused', async (t) => {
  const run = { ...scenario.run, thinkCompression: 200 }
  try {
    planSchedule({ scenario: { ...scenario, run }, profile, scale: 0.05, seed: 1 })
    t.fail('should refuse')
  } catch (error) {
    t.equal(failureCode(error), 'schedule-impossible')
    t.match(
      (error as Error).message,
      /run\.thinkCompression: expected mean gaps between 750 and 3000 ms, found \d+ ms for role/,
    )
  }
})
