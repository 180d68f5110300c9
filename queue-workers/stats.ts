import type { Backlog } from './mailbox-scripts.ts'
import type { Settlement } from './settlement.ts'

/** What this process has done since it started. */
export interface TurnCounts {
  applied: number
  retried: number
  deadLettered: number
}

/** Counts what became of one write. */
export function countSettlement(counts: TurnCounts, settlement: Settlement): void {
  switch (settlement.kind) {
    case 'applied':
    case 'forgotten':
      counts.applied += 1
      return
    case 'parked':
      counts.deadLettered += 1
      return
    case 'again':
      counts.retried += 1
  }
}

/** Counts of this process, backlog of the whole queue. */
export interface WorkerFigures extends Readonly<TurnCounts> {
  readonly backlog: number
  readonly oldestAgeMs: number
  /** Operators let nothing be applied for now. */
  readonly isPaused: boolean
}

/** The figures of `GET /stats` and `GET /metrics`. */
export function statsOf(
  counts: TurnCounts,
  { writes, oldestAtMs, isPaused }: Backlog,
  wallMs: number,
): WorkerFigures {
  const oldestAgeMs = oldestAtMs === null ? 0 : Math.max(0, wallMs - oldestAtMs)
  return { ...counts, backlog: writes, oldestAgeMs, isPaused }
}
