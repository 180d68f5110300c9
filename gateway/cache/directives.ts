import type { Fields } from './fields.ts'
import { parseSurrogateControl } from './surrogate-control.ts'

/** What a Cache-Control field, plain or targeted, says to a shared cache. */
export interface Directives {
  readonly isNoStore: boolean
  readonly isNoCache: boolean
  readonly isPrivate: boolean
  readonly isPublic: boolean
  /** Stored only by a cache that knows what the status means (RFC 9111 §5.2.2.3). */
  readonly isMustUnderstand: boolean
  readonly isMustRevalidate: boolean
  /** `must-revalidate` or `proxy-revalidate`: never served stale. */
  readonly isStaleForbidden: boolean
  readonly maxAgeSeconds: number | null
  readonly sharedMaxAgeSeconds: number | null
  readonly staleWhileRevalidateSeconds: number | null
  readonly staleIfErrorSeconds: number | null
}

const seconds = ['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error'] as const
type Seconds = (typeof seconds)[number]
/** Larger deltas are this one (RFC 9111 §1.2.2 lets a cache cap them). */
const longestSeconds = 31_536_000

// RFC 9110 §5.6: a token, or a token with a token or quoted-string and no space around the sign.
const plainMember =
  /[ \t]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:=(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|("(?:[\t !#-[\]-~]|\\[\t -~])*")))?)?[ \t]*(?:,|$)/y
// RFC 9651 §3.2: a dictionary of bare items. Parameters and inner lists mean nothing here and
// make the field malformed.
const structuredMember =
  /[ \t]*([a-z*][a-z0-9_.*-]*)(?:=(-?\d{1,15}|\?[01]|"(?:[ !#-[\]-~]|\\["\\])*"|[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*))?[ \t]*(,(?=[ \t]*[a-z*])|$)/y

/** Reads a plain Cache-Control; null is a doubt, and a doubt means that nothing is stored. */
export function parseCacheControl(text: string): Directives | null {
  const found = new Map<string, string>()
  plainMember.lastIndex = 0
  while (plainMember.lastIndex < text.length) {
    const parts = plainMember.exec(text)
    if (!parts) return null
    const name = parts[1]?.toLowerCase()
    if (name === undefined) continue
    // RFC 9111 §5.2: a token and the same token in quotes are one value.
    const value = parts[2] ?? unquoted(parts[3] ?? '')
    // RFC 9111 §4.2.1 lets a cache choose between contradictions; choosing is guessing.
    if (found.has(name) && found.get(name) !== value) return null
    found.set(name, value)
  }
  // RFC 9111 §5.2.2.4, §5.2.2.7: the forms with field names are read as the ones without.
  return directivesOf(found, (name) => found.has(name))
}

/** Reads a targeted field (RFC 9213 §2.1); null when it is malformed and the next one counts. */
export function parseTargetedControl(text: string): Directives | null {
  const found = new Map<string, string>()
  if (text.trim() === '') return null
  structuredMember.lastIndex = 0
  while (structuredMember.lastIndex < text.length) {
    const parts = structuredMember.exec(text)
    if (!parts) return null
    found.set(parts[1] ?? '', parts[2] ?? '')
  }
  return directivesOf(found, (name) => found.has(name) && found.get(name) !== '?0')
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(.)/g, '$1')
}

function directivesOf(
  found: ReadonlyMap<string, string>,
  has: (name: string) => boolean,
): Directives | null {
  const deltas: Record<Seconds, number | null> = {
    'max-age': null,
    's-maxage': null,
    'stale-while-revalidate': null,
    'stale-if-error': null,
  }
  for (const name of seconds) {
    const value = found.get(name)
    if (value === undefined) continue
    if (!/^\d{1,15}$/.test(value)) return null
    deltas[name] = Math.min(Number(value), longestSeconds)
  }
  return {
    isNoStore: has('no-store'),
    isNoCache: has('no-cache'),
    isPrivate: has('private'),
    isPublic: has('public'),
    isMustUnderstand: has('must-understand'),
    isMustRevalidate: has('must-revalidate'),
    isStaleForbidden: has('must-revalidate') || has('proxy-revalidate'),
    maxAgeSeconds: deltas['max-age'],
    sharedMaxAgeSeconds: deltas['s-maxage'],
    staleWhileRevalidateSeconds: deltas['stale-while-revalidate'],
    staleIfErrorSeconds: deltas['stale-if-error'],
  }
}

/** Fields said to caches in the portal's own network, the first one first. */
const targetedFields = [
  ['ecluse-cache-control', parseTargetedControl],
  ['cdn-cache-control', parseTargetedControl],
  // Older than RFC 9213, and what many portals send: a field of our kind, last in the list.
  ['surrogate-control', surrogateDirectives],
] as const

/** The field that speaks to this cache: the first valid targeted one wins whole (RFC 9213 §2.2). */
export function controlOf(
  fields: Fields,
): { readonly isTargeted: boolean; readonly directives: Directives } | null {
  for (const [name, parse] of targetedFields) {
    const text = fields.get(name)
    const directives = text === undefined ? null : parse(text)
    if (directives) return { isTargeted: true, directives }
  }
  // A lone `Pragma: no-cache` says nothing by the RFC, yet whoever wrote it meant it.
  const pragma = fields.get('pragma')?.toLowerCase().includes('no-cache') ? 'no-cache' : ''
  const directives = parseCacheControl(fields.get('cache-control') ?? pragma)
  return directives && { isTargeted: false, directives }
}

function surrogateDirectives(text: string): Directives | null {
  const found = parseSurrogateControl(text)
  return found && directivesOf(found, (name) => found.has(name))
}

/**
 * May an answer to a request with credentials be given to others (RFC 9111 §3.5)? Only when it
 * says so in one of three ways.
 */
export function isForOthersToo(directives: Directives): boolean {
  const { isPublic, isMustRevalidate, sharedMaxAgeSeconds } = directives
  return isPublic || isMustRevalidate || sharedMaxAgeSeconds !== null
}
