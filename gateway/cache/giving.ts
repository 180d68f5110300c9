import type { MonotonicMs } from '../../core/clock.ts'
import type { Answer, Exchange } from '../exchange.ts'
import { recordHandling } from './cache-status.ts'
import { usability } from './freshness.ts'
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

/** Is this entry better than no answer? */
export function mayServeOnError(entry: StoredAnswer, nowMs: MonotonicMs): boolean {
  return usability(entry, nowMs) !== 'revalidate'
}
