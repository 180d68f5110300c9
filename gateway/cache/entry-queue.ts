import type { PurgeTag } from './purge-tags.ts'
import type { StoredAnswer } from './stored-answer.ts'

/** One key of the memory store. Its links are its queue's. */
export interface Slot {
  readonly key: string
  readonly hash: number
  entry: StoredAnswer
  bytes: number
  tags: readonly PurgeTag[]
  /** Uses since it came or was last spared, counted up to three. */
  uses: number
  queue: EntryQueue
  newer: Slot | null
  older: Slot | null
}

/** A first-in first-out queue of slots that knows its bytes; every operation is O(1). */
export class EntryQueue {
  #oldest: Slot | null = null
  #newest: Slot | null = null
  bytes = 0
  size = 0

  get oldest(): Slot | null {
    return this.#oldest
  }

  push(slot: Slot): void {
    slot.queue = this
    slot.older = this.#newest
    slot.newer = null
    if (this.#newest) this.#newest.newer = slot
    else this.#oldest = slot
    this.#newest = slot
    this.bytes += slot.bytes
    this.size += 1
  }

  remove(slot: Slot): void {
    if (slot.newer) slot.newer.older = slot.older
    else this.#newest = slot.older
    if (slot.older) slot.older.newer = slot.newer
    else this.#oldest = slot.newer
    slot.newer = null
    slot.older = null
    this.bytes -= slot.bytes
    this.size -= 1
  }
}
