import type { WallMs } from '../../core/clock.ts'
import type { HeaderLines } from '../exchange.ts'
import { groupNames } from './cache-groups.ts'
import { type Fields, fieldsOf, onlyFields, withoutFields } from './fields.ts'
import type { Timeline } from './freshness.ts'
import { formatHttpDate, parseHttpDate } from './http-date.ts'
import { isPublicKey } from './purge-tags.ts'

/** A stored answer, prepared so that a fresh hit computes nothing but its age. */
export interface StoredAnswer extends Timeline {
  /** 200, but for classes that keep others too. */
  readonly status: number
  /** Scheme, host and path: what an unsafe request on it invalidates. */
  readonly resource: string
  /** As the origin said them: what a 304 is merged into. */
  readonly originLines: HeaderLines
  /** For a whole answer, without Age. */
  readonly lines: HeaderLines
  /** For a 304, without Age. */
  readonly notModifiedLines: HeaderLines
  readonly body: Uint8Array
  readonly etag: string | null
  readonly lastModified: string | null
  readonly lastModifiedAtMs: WallMs | null
  /** The cache groups it belongs to (RFC 9875 §2). */
  readonly groups: readonly string[]
}

// RFC 9111 §3.1 and RFC 9110 §7.6.1: what belongs to a connection or to a proxy's own login.
const unstored = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
  'set-cookie2',
])
/** Said to this cache, not to browsers. */
const saidToUs = new Set(['ecluse-audience', 'ecluse-cache-control', 'surrogate-control'])
const unserved = new Set([...unstored, ...saidToUs, 'age', 'content-length'])
// RFC 9110 §15.4.5.
const ofNotModified = new Set([
  'cache-control',
  'content-location',
  'date',
  'etag',
  'expires',
  'last-modified',
  'vary',
])
// RFC 9111 §3.2: a 304 does not change what describes the stored bytes.
const ofTheBytes = new Set([
  ...unstored,
  'content-digest',
  'content-encoding',
  'content-length',
  'content-md5',
  'content-range',
])
const etagPattern = /^(?:W\/)?"[!#-~\u0080-\u00ff]*"$/

/** Makes the entry. An answer without a Date gets one (RFC 9110 §6.6.1). */
export function storedAnswer(facts: {
  readonly status?: number
  readonly resource: string
  readonly originLines: HeaderLines
  readonly body: Uint8Array
  readonly timeline: Timeline
  readonly receivedAtMs: WallMs
}): StoredAnswer {
  const originLines = withoutFields(facts.originLines, unstored)
  const fields = fieldsOf(originLines)
  if (!fields.has('date')) originLines.push('Date', formatHttpDate(facts.receivedAtMs))
  const { etag, lastModified } = validatorsOf(fields)
  const { status = 200 } = facts
  const served = withoutFields(originLines, unserved)
  const notModified = onlyFields(served, ofNotModified)
  // RFC 9110 §8.6: a 204 has no length.
  if (status !== 204) served.push('Content-Length', String(facts.body.byteLength))
  return {
    ...facts.timeline,
    status,
    resource: facts.resource,
    // Copies have no room to grow in, which lists that were pushed to have.
    originLines: originLines.slice(),
    lines: served.slice(),
    notModifiedLines: notModified.slice(),
    body: facts.body,
    etag,
    lastModified,
    lastModifiedAtMs: lastModified === null ? null : parseHttpDate(lastModified),
    groups: groupNames(fields.get('cache-groups')) ?? [],
  }
}

/** The lines of an answer on its way to a client, without those said to this cache. */
export function forwardedLines(lines: HeaderLines): HeaderLines {
  return withoutFields(lines, saidToUs)
}

/**
 * The stored lines as a 304 updates them (RFC 9111 §4.3.4), or null when the 304 is about
 * something else: another strong tag than the stored one.
 */
export function mergedLines(stored: StoredAnswer, notModified: HeaderLines): HeaderLines | null {
  const { etag } = validatorsOf(fieldsOf(notModified))
  if (etag !== null && stored.etag !== null && opaque(etag) !== opaque(stored.etag)) return null
  const updates = withoutFields(notModified, ofTheBytes)
  // Age and Date are of the message that carried them; the 304 has its own or gets today's.
  const outdated = new Set([...fieldsOf(updates).keys(), 'age', 'date'])
  return [...withoutFields(stored.originLines, outdated), ...updates]
}

/** The validators of an answer; several, or malformed ones, are none. */
function validatorsOf(fields: Fields): { etag: string | null; lastModified: string | null } {
  const etag = fields.get('etag')
  const lastModified = fields.get('last-modified')
  const isDate = lastModified !== undefined && parseHttpDate(lastModified) !== null
  return {
    etag: etag !== undefined && etagPattern.test(etag) ? etag : null,
    lastModified: isDate ? lastModified : null,
  }
}

/** A tag without its weakness: two that are equal so match weakly (RFC 9110 §8.8.3.2). */
export function opaque(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag
}

/**
 * Bytes an entry takes in memory, rounded up: what lives after collection, measured on Node 26
 * over bodies of 10 B to 20 kB, 16 to 40 lines and keys of 70 to 900 characters. A test holds it
 * against the heap (memory-growth.test.ts).
 */
export function entryBytes(key: string, entry: StoredAnswer): number {
  const { originLines, groups } = entry
  let characters = key.length + entry.resource.length
  for (const line of originLines) characters += line.length
  const marksBytes = (groups.length + (isPublicKey(key) ? 0 : 2)) * bytesPerTag
  const linesBytes = originLines.length * bytesPerLine
  return bytesPerEntry + entry.body.byteLength + characters + linesBytes + marksBytes
}

/** Objects, numbers, the empty lists, the places in the store's tables. */
const bytesPerEntry = 1400
/** A text's own header and its place in up to three lists. */
const bytesPerLine = 32
/** A tag's text and the set of those who bear it. */
const bytesPerTag = 192
