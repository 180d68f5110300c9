import type { Delivered, ScheduleFacts } from './evidence.ts'
import type { Multiplier, MultiplierName } from './result.ts'

/** Two-sided 95 % of a standard normal. */
const z95 = 1.96

/**
 * For each quantity, the planned multiplier times what was sent of what was scheduled; durations
 * are compared stay by stay. Counts have
 * the interval of a Poisson count, durations that of a mean; a run is a sample of the day.
 * `delivered` is null when the run did not count it or had nothing scheduled.
 */
export function deliveredMultiplier(
  schedule: ScheduleFacts,
  delivered: Delivered | undefined,
): (name: MultiplierName) => Multiplier {
  return (name) => {
    const { requested, planned, scheduled } = schedule.multipliers[name]
    const sample = delivered === undefined ? null : sampleOf(name, delivered)
    if (sample === null || scheduled === 0) return { requested, planned, delivered: null }
    const unit = name === 'duration' ? planned : planned / scheduled
    return {
      requested,
      planned,
      delivered: {
        value: sample.value * unit,
        low: Math.max(0, sample.value - z95 * sample.error) * unit,
        high: (sample.value + z95 * sample.error) * unit,
      },
    }
  }
}

function sampleOf(name: MultiplierName, delivered: Delivered) {
  switch (name) {
    case 'sessions':
      return { value: delivered.sessions, error: Math.sqrt(delivered.sessions) }
    case 'pages':
      return { value: delivered.pages, error: Math.sqrt(delivered.pages) }
    case 'duration': {
      const { stay } = delivered
      return stay === null ? null : { value: stay.value, error: stay.standardError }
    }
  }
}
