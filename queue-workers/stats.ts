import type { TurnEnd } from './turn.ts'
import type { LaneBacklog } from './write-job.ts'

/** What this process has done since it started. */
export interface TurnCounts {
  applied: number
  retried: number
  deadLettered: number
}

/** Counts the end of a turn; a released write counts where its turn really ends. */
export function countEnd(counts: TurnCounts, end: TurnEnd): void {
  if (end.kind === 'applied') counts.applied += 1
  if (end.kind === 'parked') counts.deadLettered += 1
}

/** Counts of this process, backlog of the whole queue. */
export interface WorkerFigures extends Readonly<TurnCounts> {
  readonly backlog: number
  readonly oldestAgeMs: number
}

/** The figures of `GET /stats` and `GET /metrics`. */
export function statsOf(
  counts: TurnCounts,
  lanes: readonly LaneBacklog[],
  wallMs: number,
): WorkerFigures {
  const oldest = lanes.flatMap((lane) => lane.oldestAtMs ?? [])
  return {
    ...counts,
    backlog: lanes.reduce((sum, lane) => sum + lane.writes, 0),
    oldestAgeMs: oldest.length === 0 ? 0 : Math.max(0, wallMs - Math.min(...oldest)),
  }
}
