import type { ClientRequest } from '../exchange.ts'

/** What a client's own Cache-Control asks for (RFC 9111 §5.2.1). */
export interface RequestDirectives {
  readonly isNoCache: boolean
  readonly isNoStore: boolean
  readonly isOnlyIfCached: boolean
  readonly maxAgeSeconds: number | null
  readonly minFreshSeconds: number | null
  /** Infinity when any staleness will do. */
  readonly maxStaleSeconds: number | null
}

const nothing: RequestDirectives = Object.freeze({
  isNoCache: false,
  isNoStore: false,
  isOnlyIfCached: false,
  maxAgeSeconds: null,
  minFreshSeconds: null,
  maxStaleSeconds: null,
})

/**
 * Reads them leniently: they are wishes, and one that is not understood is not granted. `Pragma:
 * no-cache` counts where there is no Cache-Control (RFC 9111 §5.4).
 */
export function requestDirectivesOf(headers: ClientRequest['headers']): RequestDirectives {
  const control = headers['cache-control'] ?? headers['pragma']
  if (control === undefined) return nothing
  const found = new Map<string, string>()
  for (const part of String(control).toLowerCase().split(',')) {
    const [name = '', value = ''] = part.trim().split('=', 2)
    found.set(name, value)
  }
  const maxStale = found.get('max-stale')
  return {
    isNoCache: found.has('no-cache'),
    isNoStore: found.has('no-store'),
    isOnlyIfCached: found.has('only-if-cached'),
    maxAgeSeconds: secondsOf(found.get('max-age')),
    minFreshSeconds: secondsOf(found.get('min-fresh')),
    maxStaleSeconds: maxStale === '' ? Number.POSITIVE_INFINITY : secondsOf(maxStale),
  }
}

/** Does the client ask for something newer than what is stored? */
export function isReload({ isNoCache, maxAgeSeconds }: RequestDirectives): boolean {
  return isNoCache || maxAgeSeconds === 0
}

function secondsOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null
}
