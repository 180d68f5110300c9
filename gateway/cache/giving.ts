import type { MonotonicMs } from '../../core/clock.ts'
import type { Answer, Exchange } from '../exchange.ts'
import type { CacheParts, Fetch } from './cache-parts.ts'
import { recordHandling } from './cache-status.ts'
import { usability } from './freshness.ts'
import { keyOf } from './question.ts'
import { answerFrom } from './reuse.ts'
import type { StoredAnswer } from './stored-answer.ts'

/** Gives a stored answer, and says how old it is. */
export function give(
  exchange: Exchange,
  entry: StoredAnswer,
  as: { readonly from: 'fresh' | 'stale'; readonly nowMs: MonotonicMs },
): Answer {
  recordHandling(exchange, { kind: 'hit', entry, nowMs: as.nowMs })
  return answerFrom(entry, { request: exchange.request, ...as })
}

/**
 * Says of a fresh answer just given that it is everybody's, if it is: kept for the public under a key
 * that no header but the coding has a part in.
 */
export function offerToAll(
  { store }: CacheParts,
  { exchange, question, key }: Pick<Fetch, 'exchange' | 'question' | 'key'>,
  entry: StoredAnswer,
): void {
  if (key === null || key !== keyOf(question, { audience: 'public', vary: [] })) return
  const { body, bornAtMs, freshUntilMs } = entry
  const isCurrent = (): boolean => store.get(key) === entry
  const repeatable = { body, bornAtMs, freshUntilMs, isCurrent }
  if (exchange.cache) exchange.cache = { ...exchange.cache, repeatable }
}

/** Is this entry better than no answer? */
export function mayServeOnError(entry: StoredAnswer, nowMs: MonotonicMs): boolean {
  return usability(entry, nowMs) !== 'revalidate'
}
