import { weightedIndex } from '../../core/distributions.ts'
import { type RandomStream, randomStream } from '../../core/random.ts'
import { conditionedArrivals, evenlySpread, stratifiedArrivals } from './arrivals.ts'
import { pagesPerVisit, type RoleVisits } from './day-visits.ts'
import { peakRate, type StepCurve, stepCurve, totalOf } from './step-curve.ts'
import type { VisitLaw } from './visit.ts'

/**
 * Everybody who could be there: visits arriving for ever at the rate of the busiest minute, of
 * whom each has a `mark` in [0, 1). At any time those are present whose mark is below the page
 * rate of that time divided by the highest.
 *
 * This is thinning (Lewis and Shedler 1979) of people instead of arrivals. Page starts follow the
 * calendar at once, logins stay in proportion to them, and where the calendar jumps, those who
 * came in the hours skipped are already inside while those who left in them are gone.
 */
export interface Population {
  readonly size: number
  /** Drawn arrival time of candidate `n`, before any page clock. */
  readonly arrivedAtMs: Float64Array
  /** Position in `visits` of candidate `n`'s role. */
  readonly roleIndex: Uint8Array
  /** How many candidates of the same role came before. */
  readonly roleOrdinal: Uint32Array
  /** Ms from arrival to each page of candidate `n`; the last is where the person is gone. */
  offsetsOf(n: number): number[]
  /** How closely page starts are held to the calendar: a measured day has a shape of its own. */
  readonly knots: 'pages' | 'steps'
  /** Candidate `n` is there whenever the page rate is above this. */
  aboveRateOf(n: number): number
}

export interface PopulationPlan {
  readonly seed: number
  readonly visits: readonly RoleVisits[]
  readonly laws: readonly VisitLaw[]
  /** Pages per ms over the run. */
  readonly pages: StepCurve
  /** How far the drawn time goes; further than the run. */
  readonly untilMs: number
  /**
   * Visits that begin per ms at a time of the run, where that was measured and time is real: then
   * everybody who comes is seen to the end, and nobody is thinned out.
   */
  readonly arrivalsAt?: ((atMs: number) => number) | undefined
}

/** Draws who arrives when; visits themselves are drawn when asked for, each from its own stream. */
export function buildPopulation(plan: PopulationPlan): Population {
  const { seed, visits, laws, pages } = plan
  const highest = peakRate(pages)
  const historyMs = longestVisitMs(plan)
  const curve = arrivalCurve(plan, { historyMs, evenRate: highest / pagesPerVisit(visits) })
  const size = Math.max(1, Math.round(totalOf(curve)))
  const random = randomStream(seed, 'arrivals')
  // A measured curve holds the day's own luck already: to draw more on top would only blur it.
  const arrivals = plan.arrivalsAt === undefined ? conditionedArrivals : stratifiedArrivals
  const arrivedAtMs = Float64Array.from(arrivals(random, curve, size))
  const shifts = [random.next(), random.next(), random.next()] as const
  const roleIndex = Uint8Array.from({ length: size }, (_, n) =>
    shareIndex(
      visits.map((row) => row.visits),
      evenlySpread(shifts[0], n, 0),
    ),
  )
  return {
    size,
    arrivedAtMs,
    roleIndex,
    roleOrdinal: ordinalsOf(roleIndex),
    knots: plan.arrivalsAt === undefined ? 'pages' : 'steps',
    offsetsOf: (n) => {
      const law = laws[roleIndex[n] as number] as VisitLaw
      return law.draw(evenlySpread(shifts[1], n, 1), randomStream(seed, 'visit', n))
    },
    aboveRateOf: (n) =>
      plan.arrivalsAt === undefined ? evenlySpread(shifts[2], n, 2) * highest : -1,
  }
}

function arrivalCurve(
  { arrivalsAt, untilMs }: PopulationPlan,
  { historyMs, evenRate }: { readonly historyMs: number; readonly evenRate: number },
): StepCurve {
  if (arrivalsAt === undefined) return stepCurve(-historyMs, [{ until: untilMs, rate: evenRate }])
  // On whole minutes, so that steps of the measured curve are steps of this one.
  const before = Math.ceil(historyMs / 60_000)
  const minutes = before + Math.ceil(untilMs / 60_000)
  const steps = Array.from({ length: minutes }, (_, minute) => ({
    until: (minute + 1 - before) * 60_000,
    rate: arrivalsAt((minute + 0.5 - before) * 60_000),
  }))
  return stepCurve(-before * 60_000, steps)
}

/** The length that one visit in a thousand exceeds, from a sample: the history a warm start needs. */
function longestVisitMs({ seed, visits, laws }: PopulationPlan): number {
  const random: RandomStream = randomStream(seed, 'history')
  const weights = visits.map((row) => row.visits)
  const lengths = Array.from({ length: 4_000 }, () => {
    const law = laws[weightedIndex(random, weights)] as VisitLaw
    return law.draw(random.next(), random).at(-1) as number
  }).sort((a, b) => a - b)
  return lengths[3_995] as number
}

function shareIndex(weights: readonly number[], u: number): number {
  return weightedIndex({ next: () => u }, weights)
}

function ordinalsOf(roleIndex: Uint8Array): Uint32Array {
  const seen = [0, 0, 0, 0]
  return Uint32Array.from(roleIndex, (role) => {
    const ordinal = seen[role] as number
    seen[role] = ordinal + 1
    return ordinal
  })
}
