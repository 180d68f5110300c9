import type { CacheStore } from './cache-store.ts'
import { isPublicKey, type PurgeTag } from './purge-tags.ts'
import type { StoredAnswer } from './stored-answer.ts'

/**
 * A store that gives nothing but what is public while `isBlind` says that purges may have been
 * missed: a page of a role, a group or a school could show what somebody must not see any more.
 */
export class SightedStore implements CacheStore {
  readonly #store: CacheStore
  readonly #isBlind: () => boolean

  constructor(store: CacheStore, isBlind: () => boolean) {
    this.#store = store
    this.#isBlind = isBlind
  }

  get bytes(): number {
    return this.#store.bytes
  }

  get(key: string): StoredAnswer | undefined {
    const entry = this.#store.get(key)
    if (entry === undefined || isPublicKey(key) || !this.#isBlind()) return entry
    return undefined
  }

  set(key: string, entry: StoredAnswer): void {
    this.#store.set(key, entry)
  }

  delete(key: string): void {
    this.#store.delete(key)
  }

  purge(tag: PurgeTag): void {
    this.#store.purge(tag)
  }
}
