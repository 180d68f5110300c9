/** Time constant of the utilisation: shorter than a page, longer than a burst of its data calls. */
const utilisationMs = 1_000
/** The line of a gate that is just full swings from nothing to one slot each within a second. */
const pressingMs = 2_000

/** How busy a gate was lately, averaged exponentially. Time is monotonic and passed in. */
export class Pressure {
  /** Share of the slots held. */
  utilisation = 0
  /** Requests waiting that somebody is looking at. */
  pressingMean = 0
  private observedAtMs: number | null = null

  /**
   * To be called before anything of `current` changes: it held since the last call. Gives the ms
   * since then.
   */
  observe(
    current: { readonly inFlight: number; readonly limit: number; readonly pressing: number },
    nowMs: number,
  ): number {
    const elapsedMs = this.observedAtMs === null ? 0 : Math.max(0, nowMs - this.observedAtMs)
    this.observedAtMs = (this.observedAtMs ?? nowMs) + elapsedMs
    const held = current.inFlight / current.limit
    this.utilisation = held + (this.utilisation - held) * Math.exp(-elapsedMs / utilisationMs)
    const { pressing } = current
    const kept = Math.exp(-elapsedMs / pressingMs)
    this.pressingMean = pressing + (this.pressingMean - pressing) * kept
    return elapsedMs
  }
}
