import type { ClientPresence, ClientRequest, Exchange } from '../exchange.ts'
import { acceptEncoding } from './codings.ts'
import { withoutFields } from './fields.ts'
import type { Question } from './question.ts'
import type { StoredAnswer } from './stored-answer.ts'
import { surrogateCapability } from './surrogate-control.ts'

const replaced = new Set([
  'accept-encoding',
  'if-modified-since',
  'if-none-match',
  // A reload asks for a newer answer than ours; towards the origin the validators say so.
  'cache-control',
  'pragma',
  // The store holds the whole.
  'range',
  'if-range',
  'surrogate-capability',
])

/**
 * The exchange that fetches an answer for many: whole (what the client holds is compared here),
 * in a coding that all of them take, for as long as one of them waits. It carries the asker's
 * identity, because the later stages count and place the one who leads.
 */
export function sharedExchange(facts: {
  readonly exchange: Exchange
  readonly question: Question
  readonly presence: ClientPresence
  /** The entry to revalidate. */
  readonly stored: StoredAnswer | undefined
}): Exchange {
  const { exchange, question, stored } = facts
  const asked: [string, string][] = [
    ['accept-encoding', acceptEncoding[question.codingSet]],
    ['surrogate-capability', surrogateCapability],
  ]
  if (stored?.etag) asked.push(['if-none-match', stored.etag])
  if (stored?.lastModified) asked.push(['if-modified-since', stored.lastModified])
  const headers: Record<string, ClientRequest['headers'][string]> = { ...exchange.request.headers }
  for (const name of replaced) delete headers[name]
  Object.assign(headers, Object.fromEntries(asked))
  const kept = withoutFields(exchange.request.headerLines, replaced)
  return {
    ...exchange,
    request: {
      ...exchange.request,
      headers,
      headerLines: [...kept, ...asked.flat()],
      presence: facts.presence,
    },
  }
}

/** A client that never leaves: the store itself. */
export const alwaysPresent: ClientPresence = { isGone: false, onGone: () => undefined }
