/** What it takes from the door until the gate shows a login and a first page, and is through. */
const seenFromMs = 800
const seenUntilMs = 3_800

/** Admissions of the last seconds: those whose first pages are part of the gate's load now. */
export class RecentEntries {
  private entries: { readonly atMs: number; readonly count: number }[] = []

  /** `count` people were let in since the last call, the newest at `nowMs`. */
  add(count: number, nowMs: number): void {
    this.entries = this.entries.filter(({ atMs }) => nowMs - atMs <= seenUntilMs)
    if (count > 0) this.entries.push({ atMs: nowMs, count })
  }

  /** Admissions a second over the window that the gate sees. O(calls in four seconds). */
  perSecond(nowMs: number): number {
    let seen = 0
    for (const { atMs, count } of this.entries) {
      const ageMs = nowMs - atMs
      if (ageMs >= seenFromMs && ageMs < seenUntilMs) seen += count
    }
    return (seen * 1_000) / (seenUntilMs - seenFromMs)
  }
}
