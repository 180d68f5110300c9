import { randomStream } from '../../core/random.ts'
import { conditionedArrivals, scattered } from './arrivals.ts'
import { minuteShares } from './calendar.ts'
import { dayVisits, type RoleVisits } from './day-visits.ts'
import { checked, type LoadCheck } from './load-checks.ts'
import type { Profile, Weekday } from './profile.ts'
import type { Scenario } from './scenario.ts'
import { stepCurve } from './step-curve.ts'
import { gapLaw } from './visit.ts'
import { heldGapQuantiles, pageCountQuantile, stretchedPages } from './visit-length.ts'

/** Seven days in a row, visit by visit, at real think times. */
export interface WeekPlan {
  readonly visits: number
  readonly pages: number
  readonly meanVisitMs: number
  readonly days: readonly {
    readonly day: Weekday
    readonly visits: number
    readonly pages: number
  }[]
  readonly busiestMinute: { readonly day: Weekday; readonly clock: string; readonly pages: number }
  readonly mostInside: { readonly day: Weekday; readonly clock: string; readonly people: number }
  readonly checks: readonly LoadCheck[]
}

export const weekdays: readonly Weekday[] = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
]

/**
 * Plans `visits` visits over a week whose every day has the scenario's shape and the profile's
 * week factors: the arrival of each, its pages, and the start of each page. Nothing is kept but
 * counts by minute. About 0.8 us a visit and 35 ns a page on one core.
 */
export function planWeek(ask: {
  readonly scenario: Scenario
  readonly profile: Profile
  readonly visits: number
  readonly seed: number
}): WeekPlan {
  const { scenario, profile, seed } = ask
  const factors = profile.week.value
  const usual = dayVisits(profile, { ...scenario, scale: 1 })
  const ofDay = usual.reduce((sum, row) => sum + row.visits, 0)
  const ofWeek = weekdays.reduce((sum, day) => sum + factors[day] * ofDay, 0)
  const minutes = minuteShares(profile.days[scenario.day])
  const steps = minutes.map((share, i) => ({ until: (i + 1) * minuteMs, rate: share }))
  const curve = stepCurve(0, steps)
  const tally = emptyTally()
  const laws = usual.map((row) => roleLaw(row, profile))
  const days = weekdays.map((day, d) => {
    const before = { visits: tally.visits, pages: tally.pages }
    usual.forEach((row, r) => {
      const count = Math.round((row.visits * factors[day] * ask.visits) / ofWeek)
      const random = randomStream(seed, 'week', day, row.role)
      let n = 0
      for (const atMs of conditionedArrivals(random, curve, count)) {
        addVisit(tally, laws[r] as RoleLaw, {
          atMs: d * dayMs + atMs,
          u: (scattered(n, count) + 0.5) / count,
          random,
        })
        n += 1
      }
    })
    return { day, visits: tally.visits - before.visits, pages: tally.pages - before.pages }
  })
  return summary(tally, { days, usual, asked: ask.visits })
}

const minuteMs = 60_000
const dayMs = 86_400_000

interface Tally {
  visits: number
  pages: number
  visitMs: number
  /** Pages started, and people inside, by minute; visits run over midnight on Sunday. */
  readonly pagesAt: Float64Array
  readonly cameAt: Float64Array
  readonly wentAt: Float64Array
}

interface RoleLaw {
  readonly pagesOf: (u: number) => number
  readonly ratio: number
  /** Quantiles of the gap at 0, 1/n, ..., 1. */
  readonly gaps: Float64Array
}

function emptyTally(): Tally {
  const size = 8 * 1_440
  const [pagesAt, cameAt, wentAt] = [0, 1, 2].map(() => new Float64Array(size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  return { visits: 0, pages: 0, visitMs: 0, pagesAt, cameAt, wentAt }
}

function roleLaw(row: RoleVisits, profile: Profile): RoleLaw {
  return {
    pagesOf: pageCountQuantile({
      mean: row.baselinePages,
      sigma: profile.pagesSigma.value,
      max: profile.pagesMax.value,
    }),
    ratio: (row.pages - 1) / (row.baselinePages - 1),
    gaps: heldGapQuantiles(gapLaw(row, profile, 1), 4_096),
  }
}

function addVisit(
  tally: Tally,
  law: RoleLaw,
  visit: { readonly atMs: number; readonly u: number; readonly random: { next(): number } },
): void {
  const { random } = visit
  const { gaps } = law
  const cells = gaps.length - 1
  const pages = stretchedPages(law.pagesOf(visit.u), law.ratio, random.next())
  const last = tally.pagesAt.length - 1
  let atMs = visit.atMs
  for (let page = 0; page < pages; page += 1) {
    if (page > 0) {
      const place = random.next() * cells
      const cell = Math.floor(place)
      const low = gaps[cell] as number
      atMs += low + ((gaps[cell + 1] as number) - low) * (place - cell)
    }
    const minute = Math.min(last, Math.floor(atMs / minuteMs))
    tally.pagesAt[minute] = (tally.pagesAt[minute] as number) + 1
  }
  const came = Math.floor(visit.atMs / minuteMs)
  const went = Math.min(last, Math.floor(atMs / minuteMs))
  tally.cameAt[came] = (tally.cameAt[came] as number) + 1
  tally.wentAt[went] = (tally.wentAt[went] as number) + 1
  tally.visits += 1
  tally.pages += pages
  tally.visitMs += atMs - visit.atMs
}

function summary(
  tally: Tally,
  facts: {
    readonly days: WeekPlan['days']
    readonly usual: readonly RoleVisits[]
    readonly asked: number
  },
): WeekPlan {
  const { visits, pages, visitMs, pagesAt, cameAt, wentAt } = tally
  let inside = 0
  const insideAt = cameAt.map((came, minute) => {
    inside += came
    const now = inside
    inside -= wentAt[minute] as number
    return now
  })
  const busiest = highest(pagesAt)
  const fullest = highest(insideAt)
  const total = facts.usual.reduce((sum, row) => sum + row.visits, 0)
  const mean = (of: (row: RoleVisits) => number): number =>
    facts.usual.reduce((sum, row) => sum + row.visits * of(row), 0) / total
  const law = (name: string, found: number, expected: number): LoadCheck =>
    checked({ name, found, expected, tolerance: 0.01 * expected })
  return {
    visits,
    pages,
    meanVisitMs: visitMs / visits,
    days: facts.days,
    busiestMinute: { ...momentOf(busiest), pages: pagesAt[busiest] as number },
    mostInside: { ...momentOf(fullest), people: insideAt[fullest] as number },
    checks: [
      law('visits of the week', visits, facts.asked),
      law(
        'pages per visit',
        pages / visits,
        mean((row) => row.pages),
      ),
      law(
        'first to last page in ms',
        visitMs / visits,
        mean((row) => (row.pages - 1) * row.gapMs),
      ),
    ],
  }
}

function highest(values: Float64Array): number {
  return values.reduce((best, value, i) => (value > (values[best] as number) ? i : best), 0)
}

function momentOf(minute: number): { day: Weekday; clock: string } {
  const inDay = minute % 1_440
  const two = (value: number): string => String(value).padStart(2, '0')
  return {
    day: weekdays[Math.floor(minute / 1_440) % 7] as Weekday,
    clock: `${two(Math.floor(inDay / 60))}:${two(inDay % 60)}`,
  }
}
