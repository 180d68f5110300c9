import { type CandidatePage, type PageClock, pageClock } from './page-clock.ts'
import type { Population } from './population.ts'
import { rateAt, type StepCurve } from './step-curve.ts'

/** Who of a population is seen during the run, in order of when something must happen for them. */
export interface Appearances {
  /** Candidate numbers. */
  readonly candidates: Uint32Array
  readonly startMs: Float64Array
  readonly clock: PageClock
}

/** One candidate's pages in the run's time. */
export interface VisitTimes {
  /** Start of every page of the visit, and last when the person is gone. */
  readonly atMs: readonly number[]
  /** Positions of the pages opened during the run; empty for somebody who is never seen. */
  readonly played: readonly number[]
}

/** Finds who appears in a run that asks for the page rate `pages`. */
export function appearancesOf(population: Population, pages: StepCurve): Appearances {
  const clock = pageClock(candidatePages(population), pages, population.knots)
  const seen: { n: number; atMs: number }[] = []
  for (let n = 0; n < population.size; n += 1) {
    const { atMs, played } = visitTimes(population, n, { clock, pages })
    const first = played[0]
    if (first !== undefined) seen.push({ n, atMs: atMs[first] as number })
  }
  seen.sort((a, b) => a.atMs - b.atMs || a.n - b.n)
  return {
    candidates: Uint32Array.from(seen, ({ n }) => n),
    startMs: Float64Array.from(seen, ({ atMs }) => atMs),
    clock,
  }
}

/** The visit of candidate `n` in the run's time; a page is played while the person is there. */
export function visitTimes(
  population: Population,
  n: number,
  run: { clock: PageClock; pages: StepCurve },
): VisitTimes {
  const atMs = drawnTimes(population, n).map((drawn) => run.clock(drawn))
  const endMs = run.pages.edges.at(-1) as number
  const aboveRate = population.aboveRateOf(n)
  const played: number[] = []
  for (let page = 0; page < atMs.length - 1; page += 1) {
    const at = atMs[page] as number
    if (at >= 0 && at < endMs && aboveRate < rateAt(run.pages, at)) played.push(page)
  }
  return { atMs, played }
}

function candidatePages(population: Population): CandidatePage[] {
  const candidates: CandidatePage[] = []
  for (let n = 0; n < population.size; n += 1) {
    const aboveRate = population.aboveRateOf(n)
    for (const atMs of drawnTimes(population, n).slice(0, -1)) {
      if (atMs >= 0) candidates.push({ atMs, aboveRate })
    }
  }
  return candidates.sort((a, b) => a.atMs - b.atMs)
}

function drawnTimes(population: Population, n: number): number[] {
  const arrivedAtMs = population.arrivedAtMs[n] as number
  return population.offsetsOf(n).map((offset) => arrivedAtMs + offset)
}
