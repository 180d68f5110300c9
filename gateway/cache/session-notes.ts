import type { Answer, Exchange } from '../exchange.ts'
import type { CacheParts } from './cache-parts.ts'
import { mayChangePages, saysWhoseSession } from './own-scope.ts'
import { mayChangeState } from './question.ts'

/**
 * Notes what the request may change, before it is forwarded and, by the returned function, again
 * on its answer: what its session saw in between is not kept. Also while the cache is switched off:
 * it may be on again before a page has aged.
 */
export function beginChange(parts: CacheParts, exchange: Exchange): () => void {
  const { sessionKey } = exchange.identity
  if (sessionKey === null) return nothing
  // Unknown requests are many, and most read: they end people's own pages, which are theirs to
  // lose, and not what a whole school shares.
  const settleSession = mayChangeState(exchange) ? parts.sessions.begin(sessionKey) : null
  if (settleSession === null && !mayChangePages(exchange)) return nothing
  const settlePages = parts.generations.begin(sessionKey)
  return () => {
    settleSession?.()
    settlePages()
  }
}

const nothing = (): void => undefined

/** Notes what an answer says of the session: a login or logout may come by any address. */
export function noteSession(
  parts: CacheParts,
  { identity, policy }: Exchange,
  given: Answer,
): void {
  const { sessionKey } = identity
  if (sessionKey === null || given.outcome.kind !== 'served') return
  if (given.outcome.from !== 'origin') return
  if (!saysWhoseSession(given.headers, policy.session.cookie)) return
  parts.sessions.begin(sessionKey)()
  parts.generations.begin(sessionKey)()
}
