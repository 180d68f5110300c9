import type { HeaderLines } from '../exchange.ts'

/** What of a request's head the lane looks at. The rest of it changes no stored answer. */
export interface HotRequest {
  readonly host: string
  /** As sent; empty without one. */
  readonly acceptEncoding: string
  readonly cookie: string
}

/**
 * The head of a GET as far as the lane needs it, or null when any line of it is not one that every
 * browser sends, or comes twice. What some day turns out to decide an answer is then judged by the
 * pipeline, without a word here.
 */
export function readHotRequest(lines: HeaderLines): HotRequest | null {
  let host: string | null = null
  let acceptEncoding: string | null = null
  let cookie: string | null = null
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] as string
    switch (meanings.get(name) ?? meanings.get(name.toLowerCase())) {
      case 'nothing':
        break
      case 'host':
        if (host !== null) return null
        host = lines[i + 1] as string
        break
      case 'coding':
        if (acceptEncoding !== null) return null
        acceptEncoding = lines[i + 1] as string
        break
      case 'cookie':
        if (cookie !== null) return null
        cookie = lines[i + 1] as string
        break
      case 'connection': {
        // RFC 9110 §7.6.1: it may name any other line.
        const options = lines[i + 1] as string
        if (options !== 'keep-alive' && options !== 'Keep-Alive') return null
        break
      }
      case undefined:
        return null
    }
  }
  return host === null ? null : { host, acceptEncoding: acceptEncoding ?? '', cookie: cookie ?? '' }
}

type Meaning = 'nothing' | 'host' | 'coding' | 'cookie' | 'connection'

const named: Readonly<Record<Meaning, readonly string[]>> = {
  host: ['host'],
  coding: ['accept-encoding'],
  cookie: ['cookie'],
  connection: ['connection'],
  // The first half is content negotiation, which counts only where an answer varies by it, and such
  // answers are not given to all. The others say who asks, from where, and how it looks there.
  nothing: [
    'accept',
    'accept-language',
    'save-data',
    'sec-ch-ua',
    'sec-ch-ua-mobile',
    'sec-ch-ua-platform',
    'user-agent',
    'dnt',
    'forwarded',
    'origin',
    'priority',
    'referer',
    'sec-fetch-dest',
    'sec-fetch-mode',
    'sec-fetch-site',
    'sec-fetch-storage-access',
    'sec-fetch-user',
    'sec-gpc',
    'traceparent',
    'tracestate',
    'upgrade-insecure-requests',
    'via',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-forwarded-proto',
    'x-real-ip',
    'x-request-id',
    'x-requested-with',
  ],
}

/** By the two spellings that are on the wire: `accept-encoding` and `Accept-Encoding`. */
const meanings: ReadonlyMap<string, Meaning> = new Map(
  (Object.entries(named) as [Meaning, readonly string[]][]).flatMap(([meaning, names]) =>
    names.flatMap((name) => [[name, meaning] as const, [capitals(name), meaning] as const]),
  ),
)

function capitals(name: string): string {
  return name.replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
}
