import type { MonotonicMs } from '../../core/clock.ts'
import { type PurgeTag, restrictedTag } from './purge-tags.ts'

/** A place in the stream of purges. Streams of different epochs have nothing to do with each other. */
export interface PurgePosition {
  readonly epoch: string
  readonly number: number
}

/** One purge of the stream; its tags are null when it cannot be read (another version or key). */
export interface StreamedPurge {
  readonly number: number
  /** The process that made it. */
  readonly by: string
  readonly tags: readonly PurgeTag[] | null
}

/** What the stream says to a process: purges after its position, as many as fit one reply. */
export interface PurgeReply {
  readonly epoch: string
  /** The oldest purge that is kept; one more than `last` when none is. */
  readonly first: number
  readonly last: number
  readonly purges: readonly StreamedPurge[]
}

/** Without having read the stream for this long, nothing that is not public is given. */
const blindAfterMs = 5000
/** Tags whose last purge is remembered, for records of the shared tier. */
const maxTags = 50_000

/**
 * What one process knows of the purges of all. It tells what to drop here, whether a record made
 * elsewhere is older than a purge, and whether this process is blind: purges may have been made
 * that it does not know.
 */
export class PurgeView {
  readonly #self: string
  readonly #lastOf = new Map<PurgeTag, number>()
  #position: PurgePosition = { epoch: '', number: 0 }
  /** Purges up to this one are not remembered. */
  #floor = 0
  #readAtMs: number = Number.NEGATIVE_INFINITY

  constructor(self: string) {
    this.#self = self
  }

  /** Up to where everything has been taken in. */
  get position(): PurgePosition {
    return this.#position
  }

  isBlind(nowMs: MonotonicMs): boolean {
    return nowMs - this.#readAtMs > blindAfterMs
  }

  /**
   * Takes a reply in and gives the tags to drop here. What this process purged itself was dropped
   * when it said so. A gap (another epoch, purges that are kept no more, one that cannot be read)
   * drops everything that is not public, because any of it may have been purged.
   */
  take(reply: PurgeReply, askedAtMs: MonotonicMs): readonly PurgeTag[] {
    const drop = new Set<PurgeTag>()
    const isRestarted = reply.epoch !== this.#position.epoch
    if (isRestarted) this.#restart()
    let number = isRestarted ? 0 : this.#position.number
    if (isRestarted || number < reply.first - 1) drop.add(restrictedTag)
    if (number < reply.first - 1) number = this.#floor = reply.first - 1
    for (const purge of reply.purges) {
      number = purge.number
      if (purge.tags === null) this.#floor = number
      for (const tag of purge.tags ?? [restrictedTag]) {
        this.#remember(tag, number)
        if (purge.by !== this.#self) drop.add(tag)
      }
    }
    this.#position = { epoch: reply.epoch, number }
    // What was asked for was true when it was asked for, not when the reply came.
    if (number >= reply.last) this.#readAtMs = askedAtMs
    return [...drop]
  }

  /** Notes a purge of this process that the stream has taken. */
  noteOwn(position: PurgePosition, tags: readonly PurgeTag[]): void {
    if (position.epoch !== this.#position.epoch) return
    for (const tag of tags) this.#remember(tag, position.number)
    if (position.number === this.#position.number + 1) this.#position = position
  }

  /** Is it certain that nothing with these tags was purged after `since`, as far as was read? */
  isUnpurged(since: PurgePosition, tags: readonly PurgeTag[]): boolean {
    if (since.epoch !== this.#position.epoch || since.number < this.#floor) return false
    return tags.every((tag) => (this.#lastOf.get(tag) ?? 0) <= since.number)
  }

  #restart(): void {
    this.#lastOf.clear()
    this.#floor = 0
  }

  #remember(tag: PurgeTag, number: number): void {
    this.#lastOf.delete(tag)
    this.#lastOf.set(tag, number)
    if (this.#lastOf.size <= maxTags) return
    for (const [oldest, purge] of this.#lastOf) {
      this.#lastOf.delete(oldest)
      this.#floor = Math.max(this.#floor, purge)
      return
    }
  }
}
