import type { ScheduleFacts } from '../report/evidence.ts'
import { scheduledTotals } from '../rehearsal/scheduled-totals.ts'
import { plannedMultipliers } from '../schedule/multipliers.ts'
import type { Schedule } from '../schedule/plan.ts'

/** What the schedule promised, for a report. */
export function scheduleFacts(schedule: Schedule, hash: string): ScheduleFacts {
  const { scenario, seed, scale } = schedule.request
  const planned = plannedMultipliers(schedule.request)
  const scheduled = scheduledTotals(schedule)
  const { multipliers: requested } = scenario
  const row = (name: 'sessions' | 'pages') => ({
    requested: requested[name],
    planned: planned[name],
    scheduled: scheduled[name],
  })
  return {
    hash,
    seed,
    scale,
    mode: schedule.thinkCompression === 1 ? 'real' : 'rates',
    fidelity: schedule.fidelity,
    multipliers: {
      sessions: row('sessions'),
      pages: row('pages'),
      duration: {
        requested: requested.duration,
        planned: planned.duration,
        scheduled: scheduled.meanDurationMs,
      },
    },
  }
}

/** Clock time of the simulated day, "08:53", at so many ms from the run's origin. */
export function clockOf(schedule: Schedule): (atMs: number) => string {
  return (atMs) => {
    const bounded = Math.min(Math.max(0, atMs), schedule.durationMs - 1)
    const minutes = Math.floor(schedule.clockMinutesAt(bounded))
    const two = (value: number): string => String(value).padStart(2, '0')
    return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
  }
}
