import { minuteShares, minutesOfClock } from '../schedule/calendar.ts'
import { dayServices, dayVisits, pagesPerDay } from '../schedule/day-visits.ts'
import { totalVariation } from '../schedule/load-checks.ts'
import { scheduleDay } from '../schedule/multipliers.ts'
import { planSchedule } from '../schedule/plan.ts'
import { plannedPages } from '../schedule/planned-pages.ts'
import type { Profile } from '../schedule/profile.ts'
import type { Scenario } from '../schedule/scenario.ts'

/** How far a schedule at x1 is from the log it was calibrated from; ratios. */
export interface Fit {
  /** Largest error of the page rate in any five minutes of the time played. */
  readonly worstFiveMinutes: number
  /** Total variation between the mixes of pages. */
  readonly pageMix: number
  readonly pagesPerVisit: number
  readonly gap: number
}

/** Plans the calibrated scenario at x1 and compares. */
export function fitOf(scenario: Scenario, profile: Profile): Fit {
  const ask = { day: 'baseline', multipliers: scenario.multipliers, scale: 1 } as const
  const visits = dayVisits(profile, ask)
  const pages = pagesPerDay(visits)
  const schedule = planSchedule({ scenario, profile, scale: 1, seed: 1 })
  const shares = minuteShares(profile.days.baseline)
  const [phase] = scenario.phases
  const fromMinute = minutesOfClock(phase?.from ?? '00:00')
  const bins = Math.floor(schedule.durationMs / 300_000)
  const found = Array.from({ length: bins }, () => 0)
  const mix = new Map<string, number>()
  for (let index = 0; index < schedule.sessionCount; index += 1) {
    for (const { visit, atMs } of plannedPages(schedule.sessionAt(index), profile.answerMs.value)) {
      const bin = Math.floor(atMs / 300_000)
      if (bin < bins) found[bin] = (found[bin] as number) + 1
      const type = visit.type === 'landing' ? 'home' : visit.type
      mix.set(type, (mix.get(type) ?? 0) + 1)
    }
  }
  const errors = found.map((count, bin) => {
    const from = fromMinute + bin * 5
    const wanted = shares.slice(from, from + 5).reduce((sum, share) => sum + share, 0) * pages
    return wanted < 1 ? 0 : Math.abs(count / wanted - 1)
  })
  const wantedMix = new Map<string, number>()
  for (const { share, pages: types } of dayServices(profile, scenario)) {
    for (const type of types) {
      wantedMix.set(type, (wantedMix.get(type) ?? 0) + share / types.length)
    }
  }
  const day = scheduleDay(profile, { ...ask, seed: 1 })
  const count = visits.reduce((sum, row) => sum + row.visits, 0)
  const gaps = visits.reduce((sum, row) => sum + row.visits * (row.pages - 1) * row.gapMs, 0)
  return {
    worstFiveMinutes: Math.max(0, ...errors),
    pageMix: totalVariation(mix, wantedMix),
    pagesPerVisit: Math.abs(day.pages / day.sessions / (pages / count) - 1),
    gap: Math.abs(day.durationMs / (day.pages - day.sessions) / (gaps / (pages - count)) - 1),
  }
}
