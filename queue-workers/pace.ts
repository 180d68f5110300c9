/** Since when no attempt of this process may start, because the gate asked for a pause. */
export class Pace {
  private heldUntilMs = 0

  /** Nobody starts before `untilMs`; an earlier hold that ends later stays. */
  hold(untilMs: number): void {
    this.heldUntilMs = Math.max(this.heldUntilMs, untilMs)
  }

  /** Milliseconds to wait at `nowMs` before an attempt may start. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.heldUntilMs - nowMs)
  }
}
