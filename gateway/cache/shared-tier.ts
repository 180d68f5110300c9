import type { PurgePosition } from './purge-view.ts'
import type { StoredAnswer } from './stored-answer.ts'

/**
 * The store behind the memory of every process of one edge. It is asked on a miss, by the one who
 * leads, so that a process that has just started or whose entry has grown old is not cold. Nothing
 * depends on it: it may be late, away, or empty at any time.
 */
export interface SharedTier {
  /**
   * The entry that another process (or this one, before) kept under the key, or null: there is
   * none, it may have been purged, or the tier is late or away. Never rejects; answers within 50 ms.
   */
  read(key: string): Promise<StoredAnswer | null>
  /** Up to which purge this process has read; taken when a fetch begins, given to `write`. */
  position(): PurgePosition
  /** Keeps an entry for the others, in time. Whether it did nobody is told. */
  write(key: string, entry: StoredAnswer, since: PurgePosition): void
  delete(key: string): void
}

/** What a look into the tier found: `purged` may have been purged since, `away` is late or down. */
export const tierReads = ['hit', 'miss', 'purged', 'unreadable', 'away'] as const
export type TierRead = (typeof tierReads)[number]
