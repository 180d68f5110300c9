import { minutesOfClock } from './calendar.ts'
import type { SchedulePhase } from './plan.ts'

/** A stretch of the day as the run plays it. */
export interface ClockWindow {
  readonly fromMinute: number
  readonly toMinute: number
  readonly fromMs: number
  readonly toMs: number
}

/** The parts of `from` to `to` (minutes after midnight) that the phases play, in order. */
export function playedWindows(
  phases: readonly SchedulePhase[],
  asked: { readonly fromMinute: number; readonly toMinute: number },
): ClockWindow[] {
  return phases.flatMap((phase) => {
    const begins = minutesOfClock(phase.fromClock)
    const ends = minutesOfClock(phase.toClock)
    const fromMinute = Math.max(begins, asked.fromMinute)
    const toMinute = Math.min(ends, asked.toMinute)
    if (fromMinute >= toMinute) return []
    const wallAt = (minute: number): number =>
      phase.fromMs + ((minute - begins) / (ends - begins)) * (phase.toMs - phase.fromMs)
    return [{ fromMinute, toMinute, fromMs: wallAt(fromMinute), toMs: wallAt(toMinute) }]
  })
}
