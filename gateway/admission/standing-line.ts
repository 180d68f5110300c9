/** A line this long, in slots, that does not get shorter for a while is no burst. */
const standingRatio = 1
const standingAfterMs = 1_000
/** What is left of the line then: two services' time, which is what the last one in it waits. */
const standingLineRatio = 2
/** Weight of the newest request in the share of them that is shed. */
const shedWeight = 0.005
const comeBackMaxMs = 60_000
/** Of those told to come back, so many do each time that is asked of them. */
const comeBackPerShedMs = 2_000

/**
 * Tells a burst from a standing line, as CoDel does (RFC 8289 §3): a line that was never short
 * for an interval holds nobody's place usefully, it only makes everybody late. It is then cut, and
 * whoever does not fit is told at once instead of after a wait in vain.
 */
export class StandingLine {
  private longSinceMs: number | null = null
  private isStanding = false
  private shedRatio = 0

  /** After each step of the gate. */
  observe(waiting: number, limit: number, nowMs: number): void {
    if (waiting < standingRatio * limit) {
      this.longSinceMs = null
      this.isStanding = false
      return
    }
    this.longSinceMs ??= nowMs
    this.isStanding = nowMs - this.longSinceMs >= standingAfterMs
  }

  /** How many may wait behind `limit` slots. */
  lineMax(limit: number): number {
    return this.isStanding ? standingLineRatio * limit : Number.POSITIVE_INFINITY
  }

  admitted(): void {
    this.shedRatio -= shedWeight * this.shedRatio
  }

  shed(): void {
    this.shedRatio += shedWeight * (1 - this.shedRatio)
  }

  /** The more are turned away for each one let in, the later they are asked to come back. */
  get comeBackMs(): number {
    const shedPerAdmitted = this.shedRatio / Math.max(1e-3, 1 - this.shedRatio)
    return Math.min(comeBackMaxMs, shedPerAdmitted * comeBackPerShedMs)
  }
}
