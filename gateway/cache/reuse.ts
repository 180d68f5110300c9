import type { MonotonicMs } from '../../core/clock.ts'
import type { Answer, ClientRequest } from '../exchange.ts'
import type { ServedFrom } from '../outcome.ts'
import { parseHttpDate } from './http-date.ts'
import { opaque, type StoredAnswer } from './stored-answer.ts'

/** The answer an entry gives to a GET or HEAD: whole, or 304 where the client's copy is good. */
export function answerFrom(
  entry: StoredAnswer,
  to: {
    readonly request: Pick<ClientRequest, 'method' | 'headers'>
    readonly nowMs: MonotonicMs
    readonly from: ServedFrom
  },
): Answer {
  const age = String(Math.max(0, Math.floor((to.nowMs - entry.bornAtMs) / 1000)))
  const outcome = { kind: 'served', from: to.from } as const
  if (hasGoodCopy(to.request, entry)) {
    return { status: 304, headers: [...entry.notModifiedLines, 'Age', age], body: null, outcome }
  }
  const body = to.request.method === 'HEAD' ? null : entry.body
  return { status: 200, headers: [...entry.lines, 'Age', age], body, outcome }
}

/** Does the client hold what the validators describe (RFC 9110 §13.2.2)? */
export function hasGoodCopy(
  request: Pick<ClientRequest, 'headers'>,
  validators: Pick<StoredAnswer, 'etag' | 'lastModified' | 'lastModifiedAtMs'>,
): boolean {
  const tags = request.headers['if-none-match']
  if (tags !== undefined) {
    // The dates count only in the absence of tags (RFC 9110 §13.1.3).
    return validators.etag !== null && isTagListed(String(tags), opaque(validators.etag))
  }
  const since = request.headers['if-modified-since']
  if (since === undefined || validators.lastModifiedAtMs === null) return false
  if (since === validators.lastModified) return true
  const sinceMs = parseHttpDate(String(since))
  return sinceMs !== null && validators.lastModifiedAtMs <= sinceMs
}

function isTagListed(list: string, tag: string): boolean {
  if (list.trim() === '*') return true
  for (const [listed] of list.matchAll(/"[^"]*"/g)) {
    if (listed === tag) return true
  }
  return false
}
