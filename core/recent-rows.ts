/** One moment of a live feed: its instant in ms since the epoch, then one value for each figure. */
export type FeedRow = readonly (number | null)[]

/**
 * The rows of a live feed's last stretch, oldest first. Bounded: the oldest goes when a new one
 * comes. Adding is O(1); figures without a value are null.
 */
export class RecentRows {
  private readonly rows: (FeedRow | undefined)[] = []
  private next = 0
  private readonly figures: readonly string[]
  private readonly maxRows: number

  constructor(figures: readonly string[], maxRows: number) {
    this.figures = figures
    this.maxRows = maxRows
  }

  add(atMs: number, values: Readonly<Record<string, number | null | undefined>>): FeedRow {
    const row = [Math.round(atMs), ...this.figures.map((name) => tidy(values[name]))]
    this.rows[this.next] = row
    this.next = (this.next + 1) % this.maxRows
    return row
  }

  /** Every row of the newest `recent`, and every `step`th of the older ones: what a new viewer gets. */
  thinned(recent: number, step: number): readonly FeedRow[] {
    const all = [...this.rows.slice(this.next), ...this.rows.slice(0, this.next)].filter(
      (row) => row !== undefined,
    )
    const firstRecent = all.length - recent
    return all.filter((_, i) => i >= firstRecent || (firstRecent - i) % step === 0)
  }
}

/** Three decimals are more than a screen shows; what is not a number was not measured. */
function tidy(value: number | null | undefined): number | null {
  if (value === null || value === undefined || !Number.isFinite(value)) return null
  return Math.round(value * 1_000) / 1_000
}
