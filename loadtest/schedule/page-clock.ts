import { amountAt, rateAt, type StepCurve, stepOf, totalOf, whenReached } from './step-curve.ts'

/** Moves a page start from the drawn time to the run's time; increasing. */
export type PageClock = (drawnMs: number) => number

/** A page that somebody would open at `atMs` of the drawn time, were the page rate high enough. */
export interface CandidatePage {
  readonly atMs: number
  /** The page rate above which this person is there. */
  readonly aboveRate: number
}

/**
 * A clock that makes the number of page starts right in every few seconds, whatever was drawn.
 *
 * A run of a hundred sessions has too few visits to trust to luck (visits are long, so a phase's
 * pages vary by 10 % and more between seeds). Every `knotPages` pages, the drawn time of the n-th
 * page is mapped to the time at which the calendar wants its n-th page, evenly in between: order
 * and local randomness stay, gaps change by the local luck. `candidates` must be ascending.
 */
export function pageClock(
  candidates: readonly CandidatePage[],
  wanted: StepCurve,
  /** `pages`: every few pages. `steps`: where the rate steps; between steps the draw is kept. */
  knots: 'pages' | 'steps' = 'pages',
): PageClock {
  const times = knots === 'pages' ? knotTimes(wanted) : wanted.edges.slice(1)
  const { drawn, aimed } = knotsOf(candidates, wanted, times)
  const last = drawn.length - 1
  return (atMs) => {
    if (atMs <= 0) return atMs
    const end = drawn[last] as number
    if (atMs >= end) return (aimed[last] as number) + (atMs - end)
    const i = stepOf(drawn, atMs)
    const [from, to] = [drawn[i] as number, drawn[i + 1] as number]
    const [fromAimed, toAimed] = [aimed[i] as number, aimed[i + 1] as number]
    return fromAimed + ((atMs - from) / (to - from)) * (toAimed - fromAimed)
  }
}

const knotPages = 25

/**
 * Drawn times and the times aimed at, both ascending from 0. One pass: the pages counted so far
 * say what time of the run it is, hence who is there for the next page.
 */
function knotsOf(
  candidates: readonly CandidatePage[],
  wanted: StepCurve,
  times: readonly number[],
) {
  const drawn = [0]
  const aimed = [0]
  let knot = 0
  let pages = 0
  let rate = rateAt(wanted, 0)
  for (const { atMs, aboveRate } of candidates) {
    const before = knot
    while (knot < times.length && pages >= Math.round(amountAt(wanted, times[knot] as number))) {
      knot += 1
    }
    if (knot > before) {
      const aimedMs = times[knot - 1] as number
      drawn.push(atMs)
      aimed.push(aimedMs)
      rate = rateAt(wanted, aimedMs)
    }
    if (knot === times.length) break
    if (aboveRate < rate) pages += 1
  }
  return { drawn, aimed }
}

/** Where the rate steps, and every `knotPages` pages in between. */
function knotTimes(wanted: StepCurve): number[] {
  const steps = wanted.edges.slice(1)
  const between: number[] = []
  for (let pages = knotPages; pages < totalOf(wanted); pages += knotPages) {
    between.push(whenReached(wanted, pages))
  }
  return [...new Set([...steps, ...between])].sort((a, b) => a - b)
}
