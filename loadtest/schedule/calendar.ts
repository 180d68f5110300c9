import type { SchedulePhase } from './plan.ts'
import type { Day } from './profile.ts'
import type { ScenarioPhase } from './scenario.ts'
import { amountAt, type StepCurve, stepCurve } from './step-curve.ts'

/** The day as the run plays it: wall time in, clock time and page rate out. */
export interface Calendar {
  readonly durationMs: number
  readonly phases: readonly SchedulePhase[]
  /** Pages per wall millisecond. */
  readonly pages: StepCurve
  readonly clockMinutesAt: (wallMs: number) => number
}

export interface CalendarPlan {
  readonly phases: readonly ScenarioPhase[]
  readonly durationMs: number
  readonly day: Day
  /** Page views of the whole day at the run's scale. */
  readonly pagesPerDay: number
}

/**
 * Lays the phases one after another over the wall time. Inside a phase the clock runs evenly
 * from `from` to `to`; between phases it may jump. Only the calendar shrinks: the page rate per
 * wall second is that of the clock minute being played, times the phase's load factor.
 */
export function buildCalendar(plan: CalendarPlan): Calendar {
  const shares = minuteShares(plan.day)
  const steps: { until: number; rate: number }[] = []
  const spans: PhaseSpan[] = []
  let share = 0
  for (const phase of plan.phases) {
    const fromMs = Math.round(share * plan.durationMs)
    share += phase.share
    const span = spanOf(phase, fromMs, Math.round(share * plan.durationMs))
    spans.push(span)
    for (let minute = Math.floor(span.fromMinute); minute < span.toMinute; minute += 1) {
      const perMinute = plan.pagesPerDay * (shares[minute] as number) * (phase.loadFactor ?? 1)
      const until = wallAt(span, Math.min(minute + 1, span.toMinute))
      steps.push({ until, rate: perMinute / 60_000 })
    }
  }
  const pages = stepCurve(0, steps)
  const phases = spans.map(({ name, fromMs, toMs, fromClock, toClock }) => {
    const pagesPlanned = amountAt(pages, toMs) - amountAt(pages, fromMs)
    const pagesPerSecond = (pagesPlanned / (toMs - fromMs)) * 1000
    return { name, fromMs, toMs, fromClock, toClock, pagesPerSecond }
  })
  const clockMinutesAt = (wallMs: number): number => {
    // -1 is the last phase: the clock stands still after the end.
    const span = spans.at(spans.findIndex(({ toMs }) => wallMs < toMs)) as PhaseSpan
    const ratio = (wallMs - span.fromMs) / (span.toMs - span.fromMs)
    return span.fromMinute + Math.min(1, Math.max(0, ratio)) * (span.toMinute - span.fromMinute)
  }
  return { durationMs: plan.durationMs, phases, pages, clockMinutesAt }
}

/** Share of the day's pages in each of its 1,440 minutes: hourly shares with the pulses inside, or measured. */
export function minuteShares(day: Day): number[] {
  const measured = day.fiveMinuteShare?.value
  if (measured !== undefined) {
    const whole = measured.reduce((sum, share) => sum + share, 0)
    return measured.flatMap((share) => Array.from({ length: 5 }, () => share / 5 / whole))
  }
  const hours = day.hourlyShare.value
  const total = hours.reduce((sum, share) => sum + share, 0)
  const { factor, aroundHours, minutesBefore, minutesAfter } = day.pulses.value
  const weights = Array.from({ length: 1440 }, (_, minute) => {
    const isPulse = aroundHours.some(
      (hour) => minute >= hour * 60 - minutesBefore && minute < hour * 60 + minutesAfter,
    )
    return isPulse ? factor : 0
  })
  return hours.flatMap((share, hour) => {
    const within = weights.slice(hour * 60, hour * 60 + 60)
    const quiet = within.filter((weight) => weight === 0).length
    // The hour keeps its published total: the other minutes give what the pulse takes.
    const quietWeight = quiet === 0 ? 0 : (60 - (60 - quiet) * factor) / quiet
    return within.map((weight) => ((weight || quietWeight) / 60) * (share / total))
  })
}

/** `HH:MM` as minutes after midnight. */
export function minutesOfClock(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number) as [number, number]
  return hours * 60 + minutes
}

interface PhaseSpan {
  readonly name: ScenarioPhase['name']
  readonly fromClock: string
  readonly toClock: string
  readonly fromMs: number
  readonly toMs: number
  readonly fromMinute: number
  readonly toMinute: number
}

function spanOf(phase: ScenarioPhase, fromMs: number, toMs: number): PhaseSpan {
  return {
    name: phase.name,
    fromClock: phase.from,
    toClock: phase.to,
    fromMs,
    toMs,
    fromMinute: minutesOfClock(phase.from),
    toMinute: minutesOfClock(phase.to),
  }
}

function wallAt(span: PhaseSpan, minute: number): number {
  const ratio = (minute - span.fromMinute) / (span.toMinute - span.fromMinute)
  return span.fromMs + ratio * (span.toMs - span.fromMs)
}
