import type { PurgeTag } from './purge-tags.ts'
import type { StoredAnswer } from './stored-answer.ts'

/**
 * Where answers are kept. Losing any of them is harmless; keeping one after `purge` is not.
 * Immediate on purpose: a hit waits for nothing.
 */
export interface CacheStore {
  get(key: string): StoredAnswer | undefined
  /** Replaces the key's entry; one that cannot fit is not kept, and neither is the old one. */
  set(key: string, entry: StoredAnswer): void
  delete(key: string): void
  /** Drops every entry that bears the tag (`tagsOf` in purge-tags.ts says which do). */
  purge(tag: PurgeTag): void
  /** Bytes kept, as counted by `entryBytes`, and what the store needs for itself. */
  readonly bytes: number
}
