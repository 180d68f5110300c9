import { weightedIndex } from '../../core/distributions.ts'
import { type RandomStream, randomStream } from '../../core/random.ts'
import { conditionedArrivals, evenlySpread } from './arrivals.ts'
import { pagesPerVisit, type RoleVisits } from './day-visits.ts'
import { peakRate, type StepCurve, stepCurve } from './step-curve.ts'
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
}

/** Draws who arrives when; visits themselves are drawn when asked for, each from its own stream. */
export function buildPopulation(plan: PopulationPlan): Population {
  const { seed, visits, laws, pages, untilMs } = plan
  const highest = peakRate(pages)
  const arrivalRate = highest / pagesPerVisit(visits)
  const historyMs = longestVisitMs(plan)
  const size = Math.max(1, Math.round(arrivalRate * (historyMs + untilMs)))
  const curve = stepCurve(-historyMs, [{ until: untilMs, rate: arrivalRate }])
  const random = randomStream(seed, 'arrivals')
  const arrivedAtMs = Float64Array.from(conditionedArrivals(random, curve, size))
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
    offsetsOf: (n) => {
      const law = laws[roleIndex[n] as number] as VisitLaw
      return law.draw(evenlySpread(shifts[1], n, 1), randomStream(seed, 'visit', n))
    },
    aboveRateOf: (n) => evenlySpread(shifts[2], n, 2) * highest,
  }
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
