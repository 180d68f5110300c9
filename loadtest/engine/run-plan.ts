import type { Session } from '../schedule/session.ts'

/** What the engine needs to know of a schedule; times are ms from the run's origin. */
export interface SchedulePlan {
  readonly hash: string
  readonly sessionCount: number
  /**
   * When something must happen for the session at `position`: its login, or where somebody
   * already inside resumes. Never decreases with `position`.
   */
  startMsOf(position: number): number
  /** A session whose own `startMs` is negative logs in during the prelude. */
  sessionAt(position: number): Session
  /** What the plan takes an answer to last; nothing when absent. */
  readonly answerMs?: number
  /** In order of time, without gaps; the last one's end is the end of the run. */
  readonly phases: readonly PlannedPhase[]
}

/** A measured part of the run. */
export interface PlannedPhase {
  readonly name: string
  readonly fromMs: number
  readonly toMs: number
}

/** When the last phase ends: no page begins at or after it. */
export function endMsOf(plan: SchedulePlan): number {
  return plan.phases.at(-1)?.toMs ?? 0
}
