/** A fixed number of slots and an unbounded first-come-first-served line in front of them. */
export class SlotPool {
  readonly slots: number
  private busySlots = 0
  /** The line is an array read from `head`, so that joining and leaving both cost O(1). */
  private line: (() => void)[] = []
  private head = 0
  private readonly onBusyChange: (busy: number) => void

  constructor(slots: number, onBusyChange: (busy: number) => void = () => {}) {
    this.slots = slots
    this.onBusyChange = onBusyChange
  }

  get busy(): number {
    return this.busySlots
  }

  get waiting(): number {
    return this.line.length - this.head
  }

  /** Resolves once a slot is held; each holder owes exactly one `release`. */
  acquire(): Promise<void> {
    if (this.busySlots < this.slots) {
      this.busySlots += 1
      this.onBusyChange(this.busySlots)
      return Promise.resolve()
    }
    return new Promise((resolve) => this.line.push(resolve))
  }

  /** Hands the slot to the first in line; it stays busy when there is one. */
  release(): void {
    const next = this.line[this.head]
    if (next === undefined) {
      this.busySlots -= 1
      this.onBusyChange(this.busySlots)
      return
    }
    this.head += 1
    if (this.head > 1_000 && this.head * 2 > this.line.length) {
      this.line = this.line.slice(this.head)
      this.head = 0
    }
    next()
  }
}
