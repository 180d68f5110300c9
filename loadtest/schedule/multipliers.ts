import { randomStream } from '../../core/random.ts'
import { scattered } from './arrivals.ts'
import { dayVisits, ratios } from './day-visits.ts'
import type { Profile } from './profile.ts'
import type { DayName, Emphasis, Multipliers, Scenario } from './scenario.ts'
import { visitLaw } from './visit.ts'

/** A day that was scheduled in full. */
export interface DayTotals {
  readonly sessions: number
  readonly pages: number
  /** First to last page, summed over all visits. */
  readonly durationMs: number
}

/**
 * What the whole day amounts to when it is scheduled visit by visit, divided by the profile's
 * baseline day scheduled from the same streams (common random numbers).
 */
export function plannedMultipliers(ask: {
  scenario: Scenario
  profile: Profile
  scale: number
  seed: number
}): Multipliers {
  const { scenario, profile, scale, seed } = ask
  const { day, multipliers, emphasis } = scenario
  const surge = { day, multipliers, emphasis, scale, seed }
  const ordinary = { day: 'baseline', multipliers: once, scale, seed } as const
  return ratios(
    meanDuration(scheduleDay(profile, surge)),
    meanDuration(scheduleDay(profile, ordinary)),
  )
}

/**
 * Schedules every visit of a day at real think times and adds them up; nothing is kept.
 *
 * The day is conditioned, not left to luck: visits are counted exactly, page counts take every
 * quantile of their law once, and gaps are divided by the excess of all gaps drawn over their
 * law's mean (under 1 % from about 5,000 visits on).
 */
export function scheduleDay(
  profile: Profile,
  ask: {
    day: DayName
    multipliers: Multipliers
    emphasis?: Emphasis
    scale: number
    seed: number
  },
): DayTotals {
  let [sessions, pages, durationMs, drawnMs, expectedMs] = [0, 0, 0, 0, 0]
  for (const row of dayVisits(profile, ask)) {
    const law = visitLaw(row, profile, 1)
    const visits = Math.round(row.visits)
    for (let n = 0; n < visits; n += 1) {
      const random = randomStream(ask.seed, 'day', row.role, n)
      const offsets = law.draw((scattered(n, visits) + 0.5) / visits, random)
      const count = offsets.length - 1
      pages += count
      durationMs += offsets[count - 1] as number
      drawnMs += offsets[count] as number
      expectedMs += count * row.gapMs
    }
    sessions += visits
  }
  return { sessions, pages, durationMs: durationMs * (expectedMs / drawnMs) }
}

const once: Multipliers = { sessions: 1, pages: 1, duration: 1 }

function meanDuration({ sessions, pages, durationMs }: DayTotals): Multipliers {
  return { sessions, pages, duration: durationMs / Math.max(1, sessions) }
}
