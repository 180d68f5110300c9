import type { Schedule } from '../schedule/plan.ts'

/** What the schedule of one run asks for, to compare with what was sent. */
export interface ScheduledTotals {
  /** Sessions that begin during the run. */
  readonly sessions: number
  /** Page visits whose session is played, those of people already inside included. */
  readonly pages: number
  /** Planned time from first to last page, answers not included. */
  readonly meanDurationMs: number
}

/** Adds the sessions of a run up. O(pages). */
export function scheduledTotals(schedule: Schedule): ScheduledTotals {
  let sessions = 0
  let pages = 0
  let durationMs = 0
  for (let index = 0; index < schedule.sessionCount; index += 1) {
    const session = schedule.sessionAt(index)
    if (session.startMs >= 0) sessions += 1
    let atMs = session.startMs < 0 ? session.resumeAtMs : session.startMs
    for (const { thinkMs } of session.pages.slice(session.firstPage)) {
      if (atMs >= schedule.durationMs) break
      pages += 1
      atMs += thinkMs
    }
    durationMs += session.pages.slice(0, -1).reduce((sum, { thinkMs }) => sum + thinkMs, 0)
  }
  return { sessions, pages, meanDurationMs: durationMs / Math.max(1, schedule.sessionCount) }
}
