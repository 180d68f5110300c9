import type { Backlog } from '../../queue-workers/mailbox-scripts.ts'

/**
 * How fast the backlog is worked off, from looks at it. Only while something is owed at both ends of
 * an interval: an empty queue is as slow as people write. Exponential average over ten
 * seconds, so that a pause of the gate shows and a single slow answer does not. O(1).
 */
export class DrainPace {
  private last: { readonly backlog: Backlog; readonly atMs: number } | null = null
  private average: number | null = null

  look(backlog: Backlog, atMs: number): void {
    const before = this.last
    if (before !== null && atMs <= before.atMs) return
    this.last = { backlog, atMs }
    if (before === null || before.backlog.writes === 0 || backlog.writes === 0) return
    const seconds = (atMs - before.atMs) / 1_000
    // Counted from anew by another Redis: no rate.
    const perSecond = (backlog.settled - before.backlog.settled) / seconds
    if (perSecond < 0) return
    const share = 1 - Math.exp(-seconds / averageSeconds)
    this.average =
      this.average === null ? perSecond : this.average + share * (perSecond - this.average)
  }

  /** Writes settled in a second; null while nothing has been owed for long enough. */
  perSecond(): number | null {
    return this.average
  }

  /** Seconds until all that is owed now is settled, if nothing more came; null when nobody can say. */
  drainSeconds({ writes, isPaused }: Backlog): number | null {
    if (writes === 0) return 0
    if (isPaused || this.average === null || this.average === 0) return null
    return writes / this.average
  }
}

const averageSeconds = 10
