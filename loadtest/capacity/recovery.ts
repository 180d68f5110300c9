import type { TimelineRow } from '../engine/load-result.ts'

/** Pages in time, of those intended, from which service counts as good. */
const goodShare = 0.95

/**
 * Seconds of a gentle load until service is good and stays so to its end; null when it is not good
 * in the last third: a portal that does not recover by itself, though the load is gone.
 */
export function recoverySeconds(timeline: readonly TimelineRow[]): number | null {
  const seconds = timeline.filter(({ intended }) => intended > 0)
  if (seconds.length === 0) return null
  const isGoodFrom = (from: number): boolean => {
    const rest = seconds.slice(from)
    const intended = rest.reduce((sum, row) => sum + row.intended, 0)
    return rest.reduce((sum, row) => sum + row.inSlo, 0) >= goodShare * intended
  }
  if (!isGoodFrom(Math.floor((seconds.length * 2) / 3))) return null
  const first = seconds.findIndex(
    (row, i) => row.inSlo >= goodShare * row.intended && isGoodFrom(i),
  )
  return Math.round((seconds[first]?.atMs ?? 0) / 1000)
}
