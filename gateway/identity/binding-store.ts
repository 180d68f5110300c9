import { LRUCache } from 'lru-cache'
import type { Principal } from '../exchange.ts'
import type { Pass } from './pass.ts'

/** What this process knows of sessions; bounded, and only ever a shortcut for the pass. */
export interface BindingStore {
  /** Passes already verified, by their text: the same pass comes with every request of a page. */
  readonly passes: LRUCache<string, Pass>
  /** Bindings learnt from answers, by session key: for clients that keep no cookies. */
  readonly bindings: LRUCache<string, Principal>
  /** Sessions that ended before their pass did, by session key. */
  readonly ended: LRUCache<string, true>
}

/** Holds at most `maxSessions` sessions, each for `ttlMs`. About 400 bytes a session. */
export function bindingStore({ maxSessions = 200_000, ttlMs = 4 * 3_600_000 } = {}): BindingStore {
  const bounds = { max: maxSessions, ttl: ttlMs, updateAgeOnGet: true }
  return {
    passes: new LRUCache({ max: Math.ceil(maxSessions / 4) }),
    bindings: new LRUCache(bounds),
    ended: new LRUCache({ max: maxSessions, ttl: ttlMs }),
  }
}
