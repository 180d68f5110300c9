import { test } from 'tap'
import { planSchedule, type Schedule } from './plan.ts'
import { patternChecks } from './pattern-checks.ts'
import { readScenario } from './scenario-store.ts'
import { scheduleChecks } from './schedule-checks.ts'
import type { Session } from './session.ts'

async function plan(name: string, scale: number, minutes?: number): Promise<Schedule> {
  const reading = await readScenario(name)
  if (reading.kind === 'refused') throw new Error(reading.problems.join(' '))
  const { scenario, profile } = reading
  return planSchedule({ scenario, profile, scale, seed: 3, minutes })
}

const sessionsOf = (schedule: Schedule): Session[] =>
  Array.from({ length: schedule.sessionCount }, (_, i) => schedule.sessionAt(i))

test('a crowd comes on top of the day, in one order with its people, and takes nobody away', async (t) => {
  const schedule = await plan('bell-login-storm', 0.2)
  const sessions = sessionsOf(schedule)
  const starts = sessions.map(({ index }) => schedule.startMsOf(index))
  t.same(
    starts,
    [...starts].sort((a, b) => a - b),
  )
  t.ok(sessions.every(({ index }, i) => index === i))
  const crowd = sessions.filter((session) => session.crowd === 'presence')
  t.equal(crowd.length, schedule.crowdSessions)
  t.ok(crowd.length > 100)
  const without = await readScenario('bell-login-storm')
  if (without.kind === 'refused') throw new Error('unreadable')
  const { scenario, profile } = without
  const day = planSchedule({
    scenario: { ...scenario, crowds: [] },
    profile,
    scale: 0.2,
    seed: 3,
  })
  t.equal(sessions.length - crowd.length, day.sessionCount)
})

test('the pupils of a storm come around the bell', async (t) => {
  const schedule = await plan('bell-login-storm', 0.2)
  const clocks = sessionsOf(schedule)
    .filter(({ crowd }) => crowd !== undefined)
    .map(({ startMs }) => schedule.clockMinutesAt(startMs))
  t.ok(clocks.every((minute) => minute >= 470 && minute <= 500))
  const near = clocks.filter((minute) => Math.abs(minute - 480) < 5).length
  t.ok(near / clocks.length > 0.6)
})

test('a class opens what its teacher posts within minutes, other classes do not', async (t) => {
  const schedule = await plan('lesson-posted', 0.2, 30)
  const crowd = sessionsOf(schedule).filter(({ crowd }) => crowd === 'readers')
  const posts = crowd.filter(({ role }) => role === 'teacher')
  t.ok(posts.length > 20)
  // Cross-correlation of posts and reads: readers in the ten real minutes after, by class.
  const windowMs = (10 * 60_000) / schedule.thinkCompression
  const reads = (post: Session, isOwn: boolean): number =>
    crowd.filter(
      ({ role, classId, startMs }) =>
        role === 'pupil' &&
        (classId === post.classId) === isOwn &&
        startMs > post.startMs &&
        startMs < post.startMs + windowMs,
    ).length
  const early = posts.filter(({ startMs }) => startMs < schedule.durationMs - 3 * windowMs)
  const own = early.reduce((sum, post) => sum + reads(post, true), 0) / early.length
  const others = early.reduce((sum, post) => sum + reads(post, false), 0) / early.length
  const perOtherClass = others / (schedule.people.classes - 1)
  // 18 readers a post, 63 % of them within the mean delay.
  t.ok(own > 8 && own < 15, `${own} of the own class`)
  t.ok(perOtherClass < own / 20, `${perOtherClass} of another class`)
})

test('readers of one post open one document, as pupils of one class', async (t) => {
  const schedule = await plan('lesson-posted', 0.2, 10)
  const crowd = sessionsOf(schedule).filter(({ crowd }) => crowd === 'readers')
  for (const { pages } of crowd) t.equal(new Set(pages.map(({ item }) => item)).size, 1)
  t.ok(crowd.filter(({ role }) => role === 'teacher').every(({ pages }) => pages[0]?.writes.length))
})

test('schools are hit as unevenly as asked: the mean stays, one in twenty is beyond x10', async (t) => {
  const schedule = await plan('unequal-schools', 0.5)
  const check = patternChecks(schedule).find(({ name }) => name.startsWith('mix of schools'))
  t.ok(check?.holds, `${check?.found} ± ${check?.tolerance}`)
  const even = await plan('closure-morning', 0.5)
  const counts = (of: Schedule): number[] => {
    const pages = new Map<number, number>()
    for (const { school } of sessionsOf(of)) pages.set(school, (pages.get(school) ?? 0) + 1)
    return [...pages.values()].sort((a, b) => b - a)
  }
  const [skewed, usual] = [counts(schedule), counts(even)]
  t.ok((skewed[0] as number) > 2 * (usual[0] as number), `${skewed[0]} against ${usual[0]}`)
})

test('one département of ten takes half of the load when it alone closes', async (t) => {
  const schedule = await plan('regional-closure', 0.5)
  const schools = Math.round(schedule.people.schools / 10)
  const sessions = sessionsOf(schedule)
  const inside = sessions.filter(({ school }) => school < schools).length / sessions.length
  // 0.1 x 11.1 of 0.9 + 0.1 x 11.1, and lycées are larger.
  t.ok(inside > 0.45 && inside < 0.62, `${inside}`)
})

test('the checks of the day hold beside crowds, and see a crowd that is missing', async (t) => {
  const schedule = await plan('marks-released', 0.2)
  const { multipliers } = schedule.request.scenario
  const failing = scheduleChecks(schedule, multipliers).filter(({ holds }) => !holds)
  t.same(failing, [])
  const robbed = {
    ...schedule,
    sessionAt: (index: number): Session => ({ ...schedule.sessionAt(index), crowd: 'other' }),
  }
  const missing = scheduleChecks(robbed, multipliers).filter(({ holds }) => !holds)
  t.ok(missing.some(({ name }) => name === 'people of crowd push'))
})
