import { defaultSlo, defaultUsers } from '../schedule/scenario-defaults.ts'
import type { Profile } from '../schedule/profile.ts'
import type { Scenario } from '../schedule/scenario.ts'

/** Clock times between which the scenario plays; the busiest hour when absent. */
export interface PlayedTimes {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** A scenario that plays a calibrated profile as it was, in real time. */
export function calibratedScenario(profile: Profile, times: PlayedTimes): Scenario {
  const busiest = busiestHour(profile.days.baseline.fiveMinuteShare?.value ?? [])
  const from = times.from ?? clockOf(busiest)
  const to = times.to ?? clockOf(Math.min(busiest + 12, 287))
  return {
    name: profile.name,
    title: { fr: `Journée mesurée ${profile.name}`, en: `Measured day ${profile.name}` },
    event: 'calibrated',
    profile: profile.name,
    day: 'baseline',
    portal: 'reference',
    multipliers: { sessions: 1, pages: 1, duration: 1 },
    slo: defaultSlo,
    users: defaultUsers,
    capacity: { surgeOverCapacity: 1 },
    run: { armSeconds: Math.max(10, secondsOf(to) - secondsOf(from)), thinkCompression: 1 },
    phases: [{ name: 'peak', from, to, share: 1 }],
    figures: {},
    emphasis: { services: {}, roles: {} },
    crowds: [],
    disturbances: [],
  }
}

/** First of the twelve five-minute slots in a row with most pages. */
function busiestHour(shares: readonly number[]): number {
  let best = 0
  let most = -1
  for (let at = 0; at + 12 <= shares.length; at += 1) {
    const pages = shares.slice(at, at + 12).reduce((sum, share) => sum + share, 0)
    if (pages > most) [best, most] = [at, pages]
  }
  return best
}

function clockOf(slot: number): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(Math.floor(slot / 12))}:${two((slot % 12) * 5)}`
}

function secondsOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 3_600 + minutes * 60
}
