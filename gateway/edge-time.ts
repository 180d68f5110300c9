import type { Exchange } from './exchange.ts'
import type { Outcome } from './outcome.ts'

/**
 * Time of a handled request that nobody but the edge can answer for: what is left of `handledMs`
 * without the line, Redis and the origin. Null where the waits are another request's (a shared
 * fetch) or not known, so that the figure never blames the edge for them.
 */
export function edgeMsOf(exchange: Exchange, outcome: Outcome, handledMs: number): number | null {
  if (outcome.kind !== 'served') return null
  const { admission, rateLimit, upstream } = exchange
  switch (outcome.from) {
    case 'fresh':
    case 'edge':
      return Math.max(0, handledMs)
    case 'origin':
      if (upstream === undefined) return null
      return Math.max(
        0,
        handledMs - upstream.originMs - (admission?.queuedMs ?? 0) - (rateLimit?.redisMs ?? 0),
      )
    case 'stale':
    case 'coalesced':
    case 'revalidated':
      return null
  }
}
