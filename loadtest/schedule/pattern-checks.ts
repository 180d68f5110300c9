import { checked, type LoadCheck, totalVariation, totalVariationLimit } from './load-checks.ts'
import { buildPeople } from './people.ts'
import type { Schedule } from './plan.ts'
import { plannedPages } from './planned-pages.ts'
import type { Session } from './session.ts'
import { amountAt, type StepCurve, stepCurve } from './step-curve.ts'

/**
 * Is the pattern of the schedule what was asked? Bursts of logins, the busiest minutes, how
 * loads spread over schools and contents, and Little's law; of the people of the day, crowds
 * left out. O(pages).
 */
export function patternChecks(schedule: Schedule): LoadCheck[] {
  const seen = observe(schedule)
  return [
    ...dispersionCheck(seen.loginRanks),
    ...busiestChecks(schedule, seen),
    schoolCheck(schedule, seen.schools),
    ...zipfCheck(schedule, seen.items),
    littleCheck(schedule, seen),
  ]
}

interface Observed {
  /** Of people who arrive in the run: share of the calendar's pages before them. */
  readonly loginRanks: readonly number[]
  /** Ascending. */
  readonly pagesAtMs: Float64Array
  readonly schools: Map<string, number>
  /** How often each piece of content was opened. */
  readonly items: number[]
  /** Time that people spend inside during the run, to the end of their last page's gap. */
  readonly insideMs: number
  readonly gapsMs: number
  readonly gaps: number
}

function observe(schedule: Schedule): Observed {
  const { sessionCount, durationMs, request } = schedule
  const curve = calendarCurve(schedule)
  const total = amountAt(curve, durationMs)
  const answerMs = request.profile.answerMs.value
  const pagesAtMs: number[] = []
  const loginRanks: number[] = []
  const schools = new Map<string, number>()
  const items = Array.from({ length: request.profile.itemsPerSchool.value }, () => 0)
  let [insideMs, gapsMs, gaps] = [0, 0, 0]
  for (let index = 0; index < sessionCount; index += 1) {
    const session = schedule.sessionAt(index)
    if (session.crowd !== undefined) continue
    if (isArrival(session)) loginRanks.push(amountAt(curve, session.startMs) / total)
    for (const { visit, atMs } of plannedPages(session, answerMs)) {
      if (atMs >= durationMs) break
      pagesAtMs.push(atMs)
      items[visit.item] = (items[visit.item] as number) + 1
      schools.set(`${session.school}`, (schools.get(`${session.school}`) ?? 0) + 1)
      const gapMs = visit.thinkMs + answerMs
      gapsMs += gapMs
      gaps += 1
      insideMs += Math.min(gapMs, durationMs - atMs)
    }
    // Whoever was inside already was so before their first page of the run.
    if (session.firstPage > 0)
      insideMs += Math.min(session.resumeAtMs, gapBefore(session, answerMs))
  }
  const sorted = Float64Array.from(pagesAtMs).sort()
  return { loginRanks, pagesAtMs: sorted, schools, items, insideMs, gapsMs, gaps }
}

function isArrival(session: Session): boolean {
  return session.firstPage === 0 && !session.cameEarlier
}

function gapBefore({ pages, firstPage }: Session, answerMs: number): number {
  return (pages[firstPage - 1]?.thinkMs ?? 0) + answerMs
}

function calendarCurve({ phases }: Schedule): StepCurve {
  return stepCurve(
    0,
    phases.map(({ toMs, pagesPerSecond }) => ({ until: toMs, rate: pagesPerSecond / 1000 })),
  )
}

/** Variance over mean of logins in stretches in which equally many are expected: 1 for Poisson. */
function dispersionCheck(ranks: readonly number[]): LoadCheck[] {
  const bins = Math.min(60, Math.floor(ranks.length / 10))
  if (bins < 10) return []
  const counts = Array.from({ length: bins }, () => 0)
  for (const rank of ranks) {
    const bin = Math.min(bins - 1, Math.floor(rank * bins))
    counts[bin] = (counts[bin] as number) + 1
  }
  const mean = ranks.length / bins
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (bins - 1)
  const tolerance = 3 * Math.sqrt(2 / (bins - 1))
  return [checked({ name: 'burstiness of logins', expected: 1, found: variance / mean, tolerance })]
}

/** The busiest minute and five minutes, where the run is that long, against the calendar's. */
function busiestChecks(schedule: Schedule, { pagesAtMs }: Observed): LoadCheck[] {
  const curve = calendarCurve(schedule)
  return [1, 5].flatMap((minutes) => {
    const spanMs = minutes * 60_000
    if (schedule.durationMs < spanMs) return []
    const wanted = (fromMs: number): number =>
      amountAt(curve, fromMs + spanMs) - amountAt(curve, fromMs)
    let busiestMs = 0
    for (let fromMs = 0; fromMs + spanMs <= schedule.durationMs; fromMs += 1_000) {
      if (wanted(fromMs) > wanted(busiestMs)) busiestMs = fromMs
    }
    const expected = wanted(busiestMs)
    const found = pagesBefore(pagesAtMs, busiestMs + spanMs) - pagesBefore(pagesAtMs, busiestMs)
    const tolerance = Math.max(0.05 * expected, 3)
    return [checked({ name: `pages of the busiest ${minutes} min`, expected, found, tolerance })]
  })
}

function pagesBefore(ascending: Float64Array, atMs: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] as number) < atMs) low = middle + 1
    else high = middle
  }
  return low
}

function schoolCheck({ request, sessionCount }: Schedule, schools: Map<string, number>): LoadCheck {
  const { scenario, profile, scale, seed } = request
  const people = buildPeople(profile, scale, { skew: scenario.schools, seed })
  const expected = new Map(
    people.schoolShares.map((share, i) => [`${i}`, share * (people.schoolFactors[i] as number)]),
  )
  // Whole visits fall on one school: as many draws as sessions, each of uneven weight.
  const tolerance = totalVariationLimit(expected, sessionCount / 2)
  const found = totalVariation(schools, expected)
  return checked({ name: 'mix of schools (total variation)', expected: 0, found, tolerance })
}

/** Exponent of Zipf's law by maximum likelihood; its error from the law's own curvature. */
function zipfCheck({ request }: Schedule, items: readonly number[]): LoadCheck[] {
  const count = items.reduce((sum, one) => sum + one, 0)
  if (count < 100) return []
  const meanLog = items.reduce((sum, one, i) => sum + one * Math.log(i + 1), 0) / count
  const moments = (exponent: number): { mean: number; variance: number } => {
    let [norm, first, second] = [0, 0, 0]
    items.forEach((_, i) => {
      const log = Math.log(i + 1)
      const weight = Math.exp(-exponent * log)
      norm += weight
      first += weight * log
      second += weight * log * log
    })
    return { mean: first / norm, variance: second / norm - (first / norm) ** 2 }
  }
  let exponent = 1
  for (let i = 0; i < 30; i += 1) {
    const { mean, variance } = moments(exponent)
    exponent += (mean - meanLog) / variance
  }
  const expected = request.profile.itemZipfExponent.value
  const error = 1 / Math.sqrt(count * moments(expected).variance)
  const tolerance = Math.max(0.05, 3 * error)
  return [checked({ name: 'exponent of popularity (Zipf)', expected, found: exponent, tolerance })]
}

/** People inside are the page rate times the mean gap; gaps spread widely, hence the tolerance. */
function littleCheck({ durationMs }: Schedule, { insideMs, gapsMs, gaps }: Observed): LoadCheck {
  const expected = gapsMs / durationMs
  const tolerance = expected * Math.max(0.02, 4.5 / Math.sqrt(Math.max(1, gaps)))
  const found = insideMs / durationMs
  return checked({ name: "people inside (Little's law)", expected, found, tolerance })
}
