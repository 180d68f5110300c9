import type { StoredAnswer } from './stored-answer.ts'

/**
 * Where answers are kept. Losing any of them is harmless; keeping one after `invalidate` is not.
 * Immediate on purpose: a hit waits for nothing.
 */
export interface CacheStore {
  get(key: string): StoredAnswer | undefined
  /** Replaces the key's entry; one that cannot fit is not kept, and neither is the old one. */
  set(key: string, entry: StoredAnswer): void
  delete(key: string): void
  /** Drops every entry of the resource, whatever its scope and query. */
  invalidate(resource: string): void
  /** Bytes kept, as counted by `entryBytes`. */
  readonly bytes: number
}
