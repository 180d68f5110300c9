interface Event {
  readonly atMs: number
  /** Breaks ties: what was planned first happens first. */
  readonly order: number
  readonly run: () => void
}

/** Time that things are planned on: virtual, or the machine's own. */
export interface Timeline {
  readonly nowMs: number
  after(delayMs: number, run: () => void): void
}

/** Virtual time: what was planned happens in order of time, and nothing else moves the clock. */
export class EventQueue implements Timeline {
  private readonly heap: Event[] = []
  private planned = 0
  private clockMs = 0

  get nowMs(): number {
    return this.clockMs
  }

  /** Plans `run` in `delayMs` from now; a negative delay is none. O(log n). */
  after(delayMs: number, run: () => void): void {
    const event = { atMs: this.clockMs + Math.max(0, delayMs), order: this.planned, run }
    this.planned += 1
    this.heap.push(event)
    this.rise(this.heap.length - 1)
  }

  /** Lets everything happen that is planned up to `endMs`, then stands there. */
  runUntil(endMs: number): void {
    for (;;) {
      const first = this.heap[0]
      if (first === undefined || first.atMs > endMs) break
      this.removeFirst()
      this.clockMs = first.atMs
      first.run()
    }
    this.clockMs = endMs
  }

  private removeFirst(): void {
    const last = this.heap.pop() as Event
    if (this.heap.length === 0) return
    this.heap[0] = last
    this.sink(0)
  }

  private rise(from: number): void {
    const { heap } = this
    const event = heap[from] as Event
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(event, heap[parent] as Event)) break
      heap[at] = heap[parent] as Event
      at = parent
    }
    heap[at] = event
  }

  private sink(from: number): void {
    const { heap } = this
    const event = heap[from] as Event
    let at = from
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      const right = heap[child + 1]
      if (right !== undefined && isBefore(right, heap[child] as Event)) child += 1
      if (!isBefore(heap[child] as Event, event)) break
      heap[at] = heap[child] as Event
      at = child
    }
    heap[at] = event
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
