import type { Answer } from '../exchange.ts'
import { type CacheParts, type Fetch, isUnsettled } from './cache-parts.ts'
import { choose } from './choice.ts'
import { give } from './giving.ts'
import { tagsOf } from './purge-tags.ts'
import type { StoredAnswer } from './stored-answer.ts'

/** An entry of the shared tier must be this much newer than ours to be worth anything. */
const newerByMs = 500

/**
 * Asks the shared tier before the origin is asked: for the one who leads and for a refresh. What
 * it has is kept in memory and given if it may be; otherwise it is what the origin is asked with,
 * and what may be given when the origin fails. Without a tier, or for one who fetches alone, the
 * fetch comes back as it was.
 */
export async function lookInTier(parts: CacheParts, fetch: Fetch): Promise<Answer | Fetch> {
  const { tier } = parts
  const { key, flight, exchange, question } = fetch
  if (!tier || key === null || flight === null) return fetch
  const mark = parts.purges.ongoing.begin()
  const entry = await tier.read(key)
  const isPurged = entry !== null && parts.purges.ongoing.isOutdated(mark, tagsOf(key, entry))
  parts.purges.ongoing.end(mark)
  if (entry === null || isPurged || !isNewer(entry, fetch.stored)) return fetch
  // Whose the request is may have changed while the tier was asked.
  if (isUnsettled(parts, fetch)) return fetch
  const nowMs = parts.clock.monotonicMs()
  const choice = choose(entry, { question, nowMs, isResting: false, draw: exchange.jitter })
  if (choice.kind === 'ask-origin' || choice.from !== 'fresh') return { ...fetch, stored: entry }
  parts.store.set(key, entry)
  parts.resting.delete(key)
  flight.end({ kind: 'stored', entry })
  return give(exchange, entry, { from: 'fresh', nowMs })
}

function isNewer(entry: StoredAnswer, stored: StoredAnswer | undefined): boolean {
  return stored === undefined || entry.storedAtMs > stored.storedAtMs + newerByMs
}
