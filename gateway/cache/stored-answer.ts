import type { WallMs } from '../../core/clock.ts'
import type { HeaderLines } from '../exchange.ts'
import { type Fields, fieldsOf, onlyFields, withoutFields } from './fields.ts'
import type { Timeline } from './freshness.ts'
import { formatHttpDate, parseHttpDate } from './http-date.ts'

/** A stored 200, prepared so that a fresh hit computes nothing but its age. */
export interface StoredAnswer extends Timeline {
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
])
/** Said to this cache, not to browsers. */
const saidToUs = new Set(['ecluse-audience', 'ecluse-cache-control'])
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
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
])
const etagPattern = /^(?:W\/)?"[!#-~\u0080-\u00ff]*"$/

/** Makes the entry. An answer without a Date gets one (RFC 9110 §6.6.1). */
export function storedAnswer(facts: {
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
  const served = withoutFields(originLines, unserved)
  return {
    ...facts.timeline,
    resource: facts.resource,
    originLines,
    lines: [...served, 'Content-Length', String(facts.body.byteLength)],
    notModifiedLines: onlyFields(served, ofNotModified),
    body: facts.body,
    etag,
    lastModified,
    lastModifiedAtMs: lastModified === null ? null : parseHttpDate(lastModified),
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

/** Bytes the entry takes in memory, about: its body, and its lines three times over. */
export function entryBytes(key: string, entry: StoredAnswer): number {
  let characters = key.length + entry.resource.length
  for (const line of entry.originLines) characters += line.length
  return entry.body.byteLength + 3 * characters + 512
}
