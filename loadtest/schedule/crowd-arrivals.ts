import { exponential } from '../../core/distributions.ts'
import { randomStream } from '../../core/random.ts'
import { conditionedArrivals } from './arrivals.ts'
import { minutesOfClock } from './calendar.ts'
import { playedWindows } from './clock-windows.ts'
import { arrivedBy } from './crowd-shape.ts'
import type { SchedulePhase } from './plan.ts'
import type { Crowd } from './scenario.ts'
import { type StepCurve, stepCurve, totalOf } from './step-curve.ts'

/** One visit of a crowd: when, and for a class burst in whose wake. */
export interface CrowdVisit {
  readonly startMs: number
  /** Which post this visit reads or makes; -1 where there are no posts. */
  readonly post: number
  readonly isPost: boolean
}

export interface CrowdPlan {
  readonly crowd: Crowd
  readonly phases: readonly SchedulePhase[]
  readonly scale: number
  readonly seed: number
  readonly thinkCompression: number
  /** Pupils of a mean class. */
  readonly classSize: number
}

/**
 * When a crowd's people come. Their rate per wall second is the event's own, times the scale; as
 * for everybody else only the calendar shrinks. Delays after a post belong to the calendar.
 */
export function crowdVisits(plan: CrowdPlan): CrowdVisit[] {
  const { crowd, seed } = plan
  const curve = crowdCurve(plan)
  if (curve === undefined) return []
  const random = randomStream(seed, 'crowd', crowd.name)
  if (crowd.shape.kind !== 'class-burst') {
    const arrivals = conditionedArrivals(random, curve, Math.round(totalOf(curve)))
    return Array.from(arrivals, (startMs) => ({ startMs, post: -1, isPost: false }))
  }
  const readers = crowd.shape.readShare * plan.classSize
  const delayMs = (crowd.shape.meanDelayMinutes * 60_000) / plan.thinkCompression
  const endMs = plan.phases.at(-1)?.toMs ?? 0
  const posts = conditionedArrivals(random, curve, Math.round(totalOf(curve) / readers))
  const visits = Array.from(posts, (postedMs, post) => {
    const wake = randomStream(seed, 'post', crowd.name, post)
    const reads: CrowdVisit[] = []
    // Exponential steps of mean 1 that fit into `readers`: a Poisson number of readers.
    for (let sum = exponential(wake, 1); sum < readers; sum += exponential(wake, 1)) {
      reads.push({ startMs: postedMs + exponential(wake, delayMs), post, isPost: false })
    }
    return [{ startMs: postedMs, post, isPost: true }, ...reads]
  })
  return visits
    .flat()
    .filter(({ startMs }) => startMs < endMs)
    .sort((a, b) => a.startMs - b.startMs)
}

/** Steps of the curve: five seconds of the day. */
const stepMinutes = 1 / 12

function crowdCurve({ crowd, phases, scale }: CrowdPlan): StepCurve | undefined {
  const { shape, visits } = crowd
  const asked = { fromMinute: minutesOfClock(shape.from), toMinute: minutesOfClock(shape.to) }
  const windows = playedWindows(phases, asked)
  const first = windows[0]
  if (first === undefined) return undefined
  const share = arrivedBy(shape)
  const steps: { until: number; rate: number }[] = []
  for (const { fromMinute, toMinute, fromMs, toMs } of windows) {
    // Between windows the day is skipped, and so are those who came in it.
    steps.push({ until: fromMs, rate: 0 })
    const count = Math.ceil((toMinute - fromMinute) / stepMinutes)
    const length = (toMinute - fromMinute) / count
    for (let i = 0; i < count; i += 1) {
      const minute = fromMinute + i * length
      const came = (share(minute + length) - share(minute)) * visits.value * scale
      const until = fromMs + ((i + 1) / count) * (toMs - fromMs)
      steps.push({ until, rate: came / (length * 60_000) })
    }
  }
  return stepCurve(first.fromMs, steps)
}
