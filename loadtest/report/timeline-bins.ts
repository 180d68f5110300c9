import type { TimelineRow } from './result.ts'

/** Points a chart or its table shows at most, however long the run was. */
export const timelineBinsMax = 120

/**
 * Seconds gathered into at most `timelineBinsMax` equal bins. Pages add up and become a rate per
 * second; people and backlog are the highest of the bin, and so is p95, since percentiles cannot
 * be averaged and a bin must not look better than its worst second.
 */
export interface TimelineBin {
  readonly atMs: number
  readonly clock: string
  readonly seconds: number
  readonly intendedPerSecond: number
  readonly inSloPerSecond: number
  readonly latePerSecond: number
  readonly lostPerSecond: number
  readonly concurrent: number
  readonly p95Ms: number | null
  readonly backlog: number | null
}

/** The bins of a timeline, in order. O(n). */
export function timelineBins(rows: readonly TimelineRow[]): readonly TimelineBin[] {
  const size = Math.max(1, Math.ceil(rows.length / timelineBinsMax))
  const bins: TimelineBin[] = []
  for (let start = 0; start < rows.length; start += size) {
    bins.push(bin(rows.slice(start, start + size)))
  }
  return bins
}

function bin(rows: readonly TimelineRow[]): TimelineBin {
  const first = rows[0] as TimelineRow
  const rate = (pick: (row: TimelineRow) => number): number =>
    rows.reduce((total, row) => total + pick(row), 0) / rows.length
  const highest = (pick: (row: TimelineRow) => number | null): number | null => {
    const values = rows.map(pick).filter((value) => value !== null)
    return values.length === 0 ? null : Math.max(...values)
  }
  return {
    atMs: first.atMs,
    clock: first.clock,
    seconds: rows.length,
    intendedPerSecond: rate((row) => row.intended),
    inSloPerSecond: rate((row) => row.inSlo),
    latePerSecond: rate((row) => row.late),
    lostPerSecond: rate((row) => row.failed + row.refused),
    concurrent: highest((row) => row.concurrent) ?? 0,
    p95Ms: highest((row) => row.p95Ms),
    backlog: highest((row) => row.backlog),
  }
}
