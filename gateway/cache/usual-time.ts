/** Before anything was measured. */
const firstMs = 1000
/** Share of the newest measurement in the average. */
const weight = 0.2
const shortestPatienceMs = 250

/** How long shared fetches of each class usually take: an exponential average. */
export class UsualTimes {
  readonly #averageMs = new Map<string, number>()

  record(className: string, tookMs: number): void {
    const before = this.#averageMs.get(className)
    this.#averageMs.set(
      className,
      before === undefined ? tookMs : before + weight * (tookMs - before),
    )
  }

  /** How long to wait for another's fetch: twice the usual, and no longer than `deadlineMs`. */
  patienceMs(className: string, deadlineMs: number): number {
    const usualMs = this.#averageMs.get(className) ?? firstMs
    return Math.max(0, Math.min(deadlineMs, Math.max(shortestPatienceMs, 2 * usualMs)))
  }
}
