import type { FidelityEntry } from './fidelity.ts'
import type { LoadCheck } from './load-checks.ts'
import { plannedMultipliers } from './multipliers.ts'
import type { Schedule, SchedulePhase } from './plan.ts'
import type { Multipliers } from './scenario.ts'
import { scheduleChecks } from './schedule-checks.ts'
import type { SurgeStatement } from './surge-flags.ts'

/** What the command `plan` says about a schedule. */
export interface PlanSummary {
  readonly scenario: string
  readonly profile: string
  readonly scale: number
  readonly seed: number
  readonly durationMs: number
  readonly scheduleHash: string
  readonly sessions: number
  readonly people: Schedule['people']
  /** What was asked for by flags, and what follows; null when the scenario's own are planned. */
  readonly surge?: SurgeStatement | null
  readonly crowdSessions: number
  readonly multipliers: { readonly requested: Multipliers; readonly planned: Multipliers }
  readonly phases: readonly SchedulePhase[]
  readonly checks: readonly LoadCheck[]
  readonly fidelity: readonly FidelityEntry[]
}

/** Plans the whole day beside the run and puts the questions of `scheduleChecks`. */
export function summarisePlan(schedule: Schedule, scheduleHash: string): PlanSummary {
  const { scenario, profile, scale, seed } = schedule.request
  const planned = plannedMultipliers(schedule.request)
  return {
    scenario: scenario.name,
    profile: profile.name,
    scale,
    seed,
    durationMs: schedule.durationMs,
    scheduleHash,
    sessions: schedule.sessionCount,
    people: schedule.people,
    crowdSessions: schedule.crowdSessions,
    multipliers: { requested: scenario.multipliers, planned },
    phases: schedule.phases,
    checks: scheduleChecks(schedule, planned),
    fidelity: schedule.fidelity,
  }
}

/** The summary as people read it. */
export function planText(plan: PlanSummary): string {
  const { requested, planned } = plan.multipliers
  const { schools, classes } = plan.people
  const rows = (['sessions', 'pages', 'duration'] as const).map(
    (name) =>
      `  ${name.padEnd(10)} requested x${requested[name]}, planned x${planned[name].toFixed(3)}`,
  )
  const phases = plan.phases.map((phase) => {
    const clock = `${phase.fromClock}-${phase.toClock}`
    const seconds = ((phase.toMs - phase.fromMs) / 1000).toFixed(1).padStart(7)
    return `  ${phase.name.padEnd(8)}${clock}${seconds} s${phase.pagesPerSecond.toFixed(2).padStart(9)} pages/s`
  })
  const checks = plan.checks.map(checkLine)
  const ledger = plan.fidelity.map(
    ({ quantity, treatment, detail }) => `  ${quantity}: ${treatment}, ${detail}`,
  )
  return [
    `${plan.scenario} of ${plan.profile} x${plan.scale}, seed ${plan.seed}, ${plan.durationMs / 1000} s`,
    `${plan.sessions} sessions, ${plan.crowdSessions} of them in crowds; ${schools} schools, ${classes} classes; schedule ${plan.scheduleHash}`,
    'The whole day against its baseline day',
    ...rows,
    ...surgeLines(plan.surge),
    'Phases',
    ...phases,
    'Checks',
    ...checks,
    'Fidelity',
    ...ledger,
    '',
  ].join('\n')
}

/** A check as people read it. */
export function checkLine({ name, expected, found, tolerance, holds }: LoadCheck): string {
  const figures = `${figure(found)} for ${figure(expected)} ± ${figure(tolerance)}`
  return `  ${holds ? 'holds' : 'FAILS'}  ${name}: ${figures}`
}

function surgeLines(statement: SurgeStatement | null | undefined): string[] {
  if (statement === null || statement === undefined) return []
  return ['Derived from what was asked', ...statement.derived.map((line) => `  ${line}`)]
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)))
}
