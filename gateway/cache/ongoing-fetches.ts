import type { PurgeTag } from './purge-tags.ts'

/** A fetch in progress: how many purges there had been when it began. */
export interface FetchMark {
  readonly begunAfter: number
}

/** Purges remembered for fetches in progress; past it, the fetches they might concern are outdated. */
const maxRemembered = 10_000

/** Fetches in progress, so that none begun before a purge is stored after it. O(1) a call. */
export class OngoingFetches {
  readonly #marks = new Set<FetchMark>()
  /** The last purge of each tag, oldest first, as far back as the oldest fetch needs. */
  readonly #purged = new Map<PurgeTag, number>()
  #purges = 0
  /** Purges up to this one are forgotten. */
  #forgotten = 0

  begin(): FetchMark {
    const mark = { begunAfter: this.#purges }
    this.#marks.add(mark)
    return mark
  }

  end(mark: FetchMark): void {
    this.#marks.delete(mark)
    if (this.#marks.size > 0) return
    this.#purged.clear()
    this.#forgotten = this.#purges
  }

  /** Nothing that bears the tag and was begun before now is to be stored. */
  outdate(tag: PurgeTag): void {
    this.#purges += 1
    if (this.#marks.size === 0) {
      this.#forgotten = this.#purges
      return
    }
    this.#purged.delete(tag)
    this.#purged.set(tag, this.#purges)
    if (this.#purged.size > maxRemembered) this.#forgetOldest()
  }

  /** Was anything that bears one of the tags purged since the fetch began? Ask before its end. */
  isOutdated(mark: FetchMark, tags: readonly PurgeTag[]): boolean {
    if (mark.begunAfter < this.#forgotten) return true
    return tags.some((tag) => (this.#purged.get(tag) ?? 0) > mark.begunAfter)
  }

  #forgetOldest(): void {
    for (const [tag, purge] of this.#purged) {
      this.#purged.delete(tag)
      this.#forgotten = purge
      return
    }
  }
}
