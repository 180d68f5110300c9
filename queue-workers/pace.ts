/**
 * How many attempts this process makes at once, over all lanes, and since when none may start
 * because the gate asked for a pause.
 */
export class Pace {
  private readonly concurrency: number
  private inFlight = 0
  private waiting: (() => void)[] = []
  private heldUntilMs = 0

  constructor(concurrency: number) {
    this.concurrency = concurrency
  }

  /** Resolves when a slot is free; first come, first served. Each `enter` needs one `leave`. */
  async enter(): Promise<void> {
    if (this.inFlight < this.concurrency) {
      this.inFlight += 1
      return
    }
    await new Promise<void>((resolve) => this.waiting.push(resolve))
  }

  /** Gives the slot to the next in line, if any. */
  leave(): void {
    const next = this.waiting.shift()
    if (next) next()
    else this.inFlight -= 1
  }

  /** Nobody starts before `untilMs`; an earlier hold that ends later stays. */
  hold(untilMs: number): void {
    this.heldUntilMs = Math.max(this.heldUntilMs, untilMs)
  }

  /** Milliseconds to wait at `nowMs` before an attempt may start. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.heldUntilMs - nowMs)
  }
}
