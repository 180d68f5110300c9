import type { CacheStore } from './cache-store.ts'
import { OngoingFetches } from './ongoing-fetches.ts'
import type { PurgeTag } from './purge-tags.ts'

/** Drops what a purge names: what is stored, and what is being fetched and would be stored. */
export class Purges {
  readonly ongoing = new OngoingFetches()
  readonly #store: Pick<CacheStore, 'purge'>
  readonly #tell: (tags: readonly PurgeTag[]) => void

  /** `tell` hears of purges made in this process, for the others. */
  constructor(
    store: Pick<CacheStore, 'purge'>,
    tell: (tags: readonly PurgeTag[]) => void = () => undefined,
  ) {
    this.#store = store
    this.#tell = tell
  }

  /** Drops in this process, at once, and tells the others. */
  purge(tags: readonly PurgeTag[]): void {
    if (tags.length === 0) return
    this.drop(tags)
    this.#tell(tags)
  }

  /** Drops in this process alone: another has said so. */
  drop(tags: readonly PurgeTag[]): void {
    for (const tag of tags) {
      this.ongoing.outdate(tag)
      this.#store.purge(tag)
    }
  }
}
