import type { Durability, DurabilityLevel } from './durability.ts'

/** What a class may ask for: the least its receipts may say. */
export type WantedLevel = 'local-fsync' | 'queue-fsync'

/** Where a write is stored before it is acknowledged. */
export type Road =
  /** The queue first; after a failure or too long a silence the spool, where the class allows it. */
  | { readonly kind: 'queue'; readonly level: DurabilityLevel; readonly thenSpool: boolean }
  | { readonly kind: 'spool' }
  /** Nothing that would keep the promise is there now. */
  | { readonly kind: 'none' }

/**
 * The road of one write. While writes of the same person lie in the spool, later ones follow them
 * there: taking the queue they would be applied first.
 */
export function decideRoad(facts: {
  readonly wanted: WantedLevel
  readonly durability: Durability
  readonly hasSpool: boolean
  readonly isFollowing: boolean
}): Road {
  const { wanted, durability, hasSpool, isFollowing } = facts
  const maySpool = hasSpool && wanted === 'local-fsync'
  if (durability.kind === 'ok' && !isFollowing) {
    return { kind: 'queue', level: durability.level, thenSpool: maySpool }
  }
  return maySpool ? { kind: 'spool' } : { kind: 'none' }
}

/** With a spool behind it, a queue that says nothing for this long is given up. */
export const queueWithinMs = 500

/** What an attempt at the queue may take: at most half of what is left, so that the spool has the rest. */
export function queueBudgetMs(leftMs: number): number {
  return Math.max(0, Math.min(queueWithinMs, leftMs / 2))
}
