import { dayServices, dayVisits, pagesPerVisit } from './day-visits.ts'
import {
  checked,
  type LoadCheck,
  type Mix,
  totalVariation,
  totalVariationLimit,
  uniformDistance,
  uniformDistanceLimit,
} from './load-checks.ts'
import { landingType, laterPageWeights } from './page-walk.ts'
import { minutesOfClock } from './calendar.ts'
import { playedWindows } from './clock-windows.ts'
import { arrivedBy } from './crowd-shape.ts'
import type { Schedule } from './plan.ts'
import { ordinaryVisit } from './surge-flags.ts'
import { plannedPages } from './planned-pages.ts'
import type { Multipliers } from './scenario.ts'
import { amountAt, stepCurve, totalOf } from './step-curve.ts'

/**
 * Is the schedule what was asked? The whole day's multipliers, the page rate of each phase, the
 * law of the logins, and the mixes of pages and roles; a pure function of both arguments.
 */
export function scheduleChecks(schedule: Schedule, planned: Multipliers): LoadCheck[] {
  const counts = countSchedule(schedule)
  return [
    ...multiplierChecks(schedule, planned),
    ...schedule.phases.map(({ name, pagesPerSecond, fromMs, toMs }) => {
      const seconds = (toMs - fromMs) / 1000
      // Phases of a few pages cannot be within 5 %: their ends may cut a page or two differently.
      const tolerance = Math.max(0.05 * pagesPerSecond, 3 / seconds)
      const found = (counts.pages.get(name) as number) / seconds
      return checked({
        name: `pages per second, ${name}`,
        expected: pagesPerSecond,
        found,
        tolerance,
      })
    }),
    arrivalCheck(schedule, counts.arrivalsMs),
    ...mixChecks(schedule, counts),
    ...crowdChecks(schedule, counts.crowds),
  ]
}

interface ScheduleCounts {
  readonly pages: Mix
  /** Pages after landing, by type. */
  readonly types: Mix
  /** People who arrive during the run, by role. */
  readonly roles: Mix
  readonly arrivalsMs: readonly number[]
  /** People who come with a crowd. */
  readonly crowds: Mix
}

function countSchedule(schedule: Schedule): ScheduleCounts {
  const pages = new Map<string, number>(schedule.phases.map(({ name }) => [name, 0]))
  const types = new Map<string, number>()
  const roles = new Map<string, number>()
  const crowds = new Map<string, number>()
  const arrivalsMs: number[] = []
  const answerMs = schedule.request.profile.answerMs.value
  for (let index = 0; index < schedule.sessionCount; index += 1) {
    const session = schedule.sessionAt(index)
    // Crowds come on top of the day, and are checked by themselves.
    if (session.crowd !== undefined) {
      count(crowds, session.crowd)
      continue
    }
    if (session.firstPage === 0 && !session.cameEarlier) {
      arrivalsMs.push(session.startMs)
      count(roles, session.role)
    }
    for (const { visit, atMs } of plannedPages(session, answerMs)) {
      const phase = schedule.phases.find(({ toMs }) => atMs < toMs)
      if (phase !== undefined) count(pages, phase.name)
      if (visit.type !== landingType) count(types, visit.type)
    }
  }
  return { pages, types, roles, arrivalsMs, crowds }
}

function multiplierChecks({ request }: Schedule, planned: Multipliers): LoadCheck[] {
  const { scenario, profile, scale } = request
  const once = {
    day: 'baseline',
    multipliers: { sessions: 1, pages: 1, duration: 1 },
    scale,
  } as const
  const visits = dayVisits(profile, once).reduce((sum, row) => sum + row.visits, 0)
  // Under 5,000 visits a whole number of them a role is already 1 % off.
  const accepted = visits < 5_000 ? 0.02 : 0.01
  const { pages: usualPages } = ordinaryVisit(profile)
  const asked = derivedMultipliers(scenario.multipliers, usualPages)
  const found = derivedMultipliers(planned, usualPages)
  return Object.entries(asked).map(([name, expected]) =>
    checked({
      name: `multiplier of ${name}`,
      expected,
      found: found[name] as number,
      tolerance: accepted * expected,
    }),
  )
}

/** The three that are asked for, and what follows: pages a visit, gaps, people at once. */
function derivedMultipliers(of: Multipliers, usualPages: number): Record<string, number> {
  const perVisit = of.pages / of.sessions
  return {
    ...of,
    'pages per visit': perVisit,
    gaps: (of.duration * (usualPages - 1)) / (perVisit * usualPages - 1),
    'people at once': of.sessions * of.duration,
  }
}

/** Time rescaling: logins under the running total of the page rate are uniform. */
function arrivalCheck({ phases }: Schedule, arrivalsMs: readonly number[]): LoadCheck {
  const steps = phases.map(({ toMs, pagesPerSecond }) => ({ until: toMs, rate: pagesPerSecond }))
  const curve = stepCurve(0, steps)
  const rescaled = arrivalsMs.map((atMs) => amountAt(curve, atMs) / totalOf(curve))
  return checked({
    name: 'law of logins (distance)',
    expected: 0,
    found: uniformDistance(rescaled),
    tolerance: uniformDistanceLimit(rescaled.length),
  })
}

function mixChecks({ request }: Schedule, { types, roles, arrivalsMs }: ScheduleCounts) {
  const { scenario, profile, scale } = request
  const visits = dayVisits(profile, { ...scenario, scale })
  const services = dayServices(profile, scenario)
  const pageMix = laterPageWeights(services, pagesPerVisit(visits))
  const roleMix = new Map<string, number>(visits.map((row) => [row.role, row.visits]))
  const typeCount = [...types.values()].reduce((sum, one) => sum + one, 0)
  return [
    // Lists and items come in pairs: half as many draws as pages.
    checked({
      name: 'mix of pages (total variation)',
      expected: 0,
      found: totalVariation(types, pageMix),
      tolerance: totalVariationLimit(pageMix, typeCount / 2),
    }),
    checked({
      name: 'mix of roles (total variation)',
      expected: 0,
      found: totalVariation(roles, roleMix),
      tolerance: totalVariationLimit(roleMix, arrivalsMs.length),
    }),
  ]
}

/** A crowd whose part of the day is played has the people that its rate says. */
function crowdChecks({ request, phases }: Schedule, crowds: Mix): LoadCheck[] {
  const { scenario, scale } = request
  return scenario.crowds
    .filter(({ shape }) => shape.kind !== 'class-burst')
    .map(({ name, shape, visits }) => {
      const share = arrivedBy(shape)
      const asked = { fromMinute: minutesOfClock(shape.from), toMinute: minutesOfClock(shape.to) }
      const expected = playedWindows(phases, asked).reduce((sum, window) => {
        const came = share(window.toMinute) - share(window.fromMinute)
        const perMinute = (came * visits.value * scale) / (window.toMinute - window.fromMinute)
        return sum + (perMinute * (window.toMs - window.fromMs)) / 60_000
      }, 0)
      const found = crowds.get(name) ?? 0
      return checked({ name: `people of crowd ${name}`, expected, found, tolerance: 1 })
    })
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
