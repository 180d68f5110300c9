import type { MonotonicMs } from '../../core/clock.ts'
import type { Answer, ClientRequest } from '../exchange.ts'
import type { ServedFrom } from '../outcome.ts'
import { withoutFields } from './fields.ts'
import { parseHttpDate } from './http-date.ts'
import { type Part, partOf } from './ranges.ts'
import { opaque, type StoredAnswer } from './stored-answer.ts'

/**
 * The answer an entry gives to a GET or HEAD: whole, the range asked for, or 304 where the
 * client's copy is good.
 */
export function answerFrom(
  entry: StoredAnswer,
  to: {
    readonly request: Pick<ClientRequest, 'method' | 'headers'>
    readonly nowMs: MonotonicMs
    readonly from: ServedFrom
  },
): Answer {
  const { request } = to
  const age = String(Math.max(0, Math.floor((to.nowMs - entry.bornAtMs) / 1000)))
  const outcome = { kind: 'served', from: to.from } as const
  // RFC 9110 §13.2.1: conditions are about a 200.
  if (entry.status === 200 && hasGoodCopy(request, entry)) {
    return { status: 304, headers: [...entry.notModifiedLines, 'Age', age], body: null, outcome }
  }
  const part = partAsked(request, entry)
  if (part.kind !== 'whole') return partAnswer(entry, part, { age, outcome })
  const body = request.method === 'HEAD' ? null : entry.body
  return { status: entry.status, headers: [...entry.lines, 'Age', age], body, outcome }
}

// RFC 9110 §13.1.5: a range for a copy the client holds counts only if that copy is this one, by
// a strong tag. Giving the whole instead is always right.
function partAsked(
  { method, headers }: Pick<ClientRequest, 'method' | 'headers'>,
  entry: StoredAnswer,
): Part {
  const range = headers['range']
  if (range === undefined || method !== 'GET' || entry.status !== 200) return { kind: 'whole' }
  const ifRange = headers['if-range']
  const isThisOne = ifRange === undefined || (ifRange === entry.etag && !isWeak(entry.etag))
  return isThisOne ? partOf(String(range), entry.body.byteLength) : { kind: 'whole' }
}

const ofTheWhole = new Set(['content-length', 'content-range', 'content-md5', 'content-digest'])

function partAnswer(
  entry: StoredAnswer,
  part: Exclude<Part, { kind: 'whole' }>,
  { age, outcome }: { readonly age: string; readonly outcome: Answer['outcome'] },
): Answer {
  const { byteLength } = entry.body
  if (part.kind === 'unsatisfiable') {
    const headers = ['Content-Range', `bytes */${byteLength}`, 'Content-Length', '0', 'Age', age]
    return { status: 416, headers, body: null, outcome }
  }
  const body = entry.body.subarray(part.first, part.last + 1)
  const headers = [
    ...withoutFields(entry.lines, ofTheWhole),
    'Content-Range',
    `bytes ${part.first}-${part.last}/${byteLength}`,
    'Content-Length',
    String(body.byteLength),
    'Age',
    age,
  ]
  return { status: 206, headers, body, outcome }
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

function isWeak(etag: string): boolean {
  return etag.startsWith('W/')
}
