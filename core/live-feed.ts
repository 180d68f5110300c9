import { type FeedRow, RecentRows } from './recent-rows.ts'

/** Somebody who watches: a place to write text to. */
export interface Viewer {
  write(text: string): void
  /** What was written and has not left yet. */
  unsentBytes(): number
  end(): void
}

export interface FeedFacts {
  readonly kind: 'edge' | 'rehearsal'
  /** What one row says, in order. */
  readonly figures: readonly string[]
  /** Whose rows there are: one edge, or the arms of a rehearsal. */
  readonly arms: readonly string[]
}

const limits = {
  /** An hour of rows, one a second. */
  rows: 3_600,
  viewers: 50,
  notes: 100,
  /** Whoever reads slower than this is let go; the page comes back by itself. */
  unsentBytes: 2_000_000,
}
/** A new viewer gets the last five minutes by the second, the rest of the hour by five seconds. */
const [wholeRows, thinnedStep] = [300, 5]

/**
 * The live feed behind the built-in page: the last hour in memory, and every new row to whoever
 * watches, as the text of an event stream (docs/live-feed.md). Bounded in rows, notes, viewers and
 * in what one of them may leave unread.
 */
export class LiveFeed {
  private readonly facts: FeedFacts
  private readonly rows: ReadonlyMap<string, RecentRows>
  private readonly viewers = new Set<Viewer>()
  private notes: object[] = []
  private state: object = {}
  private stateText = ''

  constructor(facts: FeedFacts) {
    this.facts = facts
    this.rows = new Map(facts.arms.map((arm) => [arm, new RecentRows(facts.figures, limits.rows)]))
  }

  /** Everything so far, then all that comes; false when too many watch already. */
  join(viewer: Viewer, you: object): boolean {
    if (this.viewers.size >= limits.viewers) return false
    viewer.write(event('hello', { feed: 1, ...this.facts, you }))
    for (const [arm, rows] of this.rows) {
      viewer.write(event('past', { arm, rows: rows.thinned(wholeRows, thinnedStep) }))
    }
    viewer.write(event('state', this.state))
    viewer.write(event('notes', this.notes))
    this.viewers.add(viewer)
    return true
  }

  leave(viewer: Viewer): void {
    this.viewers.delete(viewer)
  }

  row(
    arm: string,
    atMs: number,
    values: Readonly<Record<string, number | null | undefined>>,
  ): void {
    const row: FeedRow | undefined = this.rows.get(arm)?.add(atMs, values)
    if (row) this.tell(event('row', { arm, row }))
  }

  /** What is not a figure: sent when it changes, and to whoever comes. */
  put(state: object): void {
    const text = event('state', state)
    if (text === this.stateText) return
    this.state = state
    this.stateText = text
    this.tell(text)
  }

  /** Something that was done, for the trail under the page. */
  note(note: object): void {
    this.notes = [...this.notes, note].slice(-limits.notes)
    this.tell(event('notes', [note]))
  }

  close(): void {
    for (const viewer of this.viewers) viewer.end()
    this.viewers.clear()
  }

  private tell(text: string): void {
    for (const viewer of this.viewers) {
      if (viewer.unsentBytes() > limits.unsentBytes) {
        this.viewers.delete(viewer)
        viewer.end()
      } else viewer.write(text)
    }
  }
}

// JSON has no line ends outside texts, and escapes those inside: one line of data is enough.
function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
