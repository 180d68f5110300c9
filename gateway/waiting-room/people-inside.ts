/** No more sessions than this are remembered; beyond it the longest silent ones are forgotten. */
const maxRemembered = 200_000
/** Somebody let in has this long to make a request with a session. */
const reservationMs = 60_000

/** Sessions inside that were active recently, and those let in who have no session yet. */
export class PeopleInside {
  /** Session to its last request, the longest silent first. */
  private readonly lastSeenMs = new Map<string, number>()
  /** Admission to the end of its reservation, the oldest first. */
  private readonly reservedUntilMs = new Map<string, number>()

  get active(): number {
    return this.lastSeenMs.size
  }

  get count(): number {
    return this.lastSeenMs.size + this.reservedUntilMs.size
  }

  isActive(session: string): boolean {
    return this.lastSeenMs.has(session)
  }

  /** A request of `session`; it takes the place that was reserved by `admission`. O(1). */
  seen(session: string, admission: string | null, nowMs: number): void {
    this.lastSeenMs.delete(session)
    this.lastSeenMs.set(session, nowMs)
    if (admission !== null) this.reservedUntilMs.delete(admission)
  }

  reserve(admission: string, nowMs: number): void {
    this.reservedUntilMs.set(admission, nowMs + reservationMs)
  }

  isReserved(admission: string): boolean {
    return this.reservedUntilMs.has(admission)
  }

  /** Gives back the places of silent sessions and of those who never came. O(given back). */
  expire(nowMs: number, idleMs: number): void {
    for (const [session, seenMs] of this.lastSeenMs) {
      if (nowMs - seenMs < idleMs && this.lastSeenMs.size <= maxRemembered) break
      this.lastSeenMs.delete(session)
    }
    for (const [admission, untilMs] of this.reservedUntilMs) {
      if (nowMs < untilMs) break
      this.reservedUntilMs.delete(admission)
    }
  }
}
