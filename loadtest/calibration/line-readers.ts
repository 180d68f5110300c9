import { type LineReader, type LogEntry, type LogFormat } from './log-entry.ts'
import { commonLogClock, isoClockMs, parisClock } from './log-time.ts'
import { keyedHash } from './visitor-key.ts'

/** The reader of a format; `secret` keys the visitors' hashes and is forgotten with the run. */
export function lineReader(format: LogFormat, secret: number): LineReader {
  switch (format) {
    case 'combined':
      return combinedReader(secret)
    case 'haproxy':
      return haproxyReader(secret)
    case 'json':
      return jsonReader(secret)
  }
}

const quote = '"'

/** Reads `addr ident user [time] "GET /path HTTP/1.1" 200 12 "referrer" "browser"`. */
function combinedReader(secret: number): LineReader {
  const clockMs = commonLogClock()
  const entry = emptyEntry()
  return (text, from, to) => {
    const request = text.indexOf(quote, from)
    if (request < 0 || request > to) return 'damaged'
    // Most lines are assets: told apart before anything else is looked at.
    if (!isGet(text, request + 1)) return 'skipped'
    const start = request + 5
    const end = text.indexOf(' ', start)
    if (end < 0 || end > to) return 'damaged'
    if (isAsset(text, start, end)) return 'skipped'
    const closed = text.indexOf(quote, end)
    if (closed < 0 || closed > to) return 'damaged'
    if (!isAnswered(text, closed + 2)) return 'skipped'
    const time = text.lastIndexOf('[', request)
    if (time < from) return 'damaged'
    entry.atMs = clockMs(text, time + 1)
    if (Number.isNaN(entry.atMs)) return 'damaged'
    entry.target = text.slice(start, end)
    entry.visitor = combinedVisitor(text, { from, time, to }, secret)
    return entry
  }
}

/** The account where the log has one, else the address with the browser (the last field). */
function combinedVisitor(
  text: string,
  at: { readonly from: number; readonly time: number; readonly to: number },
  secret: number,
): number {
  const address = text.indexOf(' ', at.from)
  const user = text.indexOf(' ', address + 1) + 1
  const isNamed = text.charCodeAt(user) !== 45 || text.charCodeAt(user + 1) !== 32
  if (isNamed) return keyedHash(text, { from: user, to: at.time }, secret)
  const last = text.lastIndexOf(quote, at.to - 1)
  const browser = text.lastIndexOf(quote, last - 1)
  const hash = keyedHash(text, { from: at.from, to: address }, secret)
  return browser < at.time ? hash : keyedHash(text, { from: browser, to: last }, hash)
}

/** Reads HAProxy's HTTP log, with or without the syslog header and captured headers. */
function haproxyReader(secret: number): LineReader {
  const clockMs = commonLogClock()
  const entry = emptyEntry()
  const form =
    /(\S+):\d+ \[([^\]]{20})\.\d+\] \S+ \S+ [-+\d]+\/[-+\d]+\/[-+\d]+\/[-+\d]+\/\+?(-?\d+) (\d{3}) .*?(\{.*\} )?"(\w+) (\S+)/
  return (text, from, to) => {
    const line = text.slice(from, to)
    const found = form.exec(line)
    if (found === null) return line.includes(' haproxy[') ? 'skipped' : 'damaged'
    const [
      ,
      address = '',
      time = '',
      totalMs = '',
      status = '',
      captured = '',
      method,
      target = '',
    ] = found
    if (method !== 'GET' || isAsset(target, 0, target.length) || !isAnswered(status, 0))
      return 'skipped'
    entry.atMs = clockMs(time, 0)
    if (Number.isNaN(entry.atMs)) return 'damaged'
    entry.target = target
    const who = `${address} ${captured}`
    entry.visitor = keyedHash(who, { from: 0, to: who.length }, secret)
    entry.answerMs = Number(totalMs)
    return entry
  }
}

/** Reads one JSON object a line, under the names that nginx and Apache configurations use. */
function jsonReader(secret: number): LineReader {
  const paris = parisClock()
  const entry = emptyEntry()
  return (text, from, to) => {
    let row: Record<string, unknown>
    try {
      row = JSON.parse(text.slice(from, to)) as Record<string, unknown>
    } catch {
      // Cut lines are part of real logs; they are counted.
      return 'damaged'
    }
    const [method, target] = requestOf(row)
    if (target === undefined) return 'damaged'
    const status = first(row, ['status', 'status_code', 'response']) ?? ''
    if (method !== 'GET' || isAsset(target, 0, target.length) || !isAnswered(status, 0))
      return 'skipped'
    const kind = first(row, ['content_type', 'sent_http_content_type'])
    if (kind !== undefined && !kind.includes('html')) return 'skipped'
    entry.atMs = timeOf(row, paris)
    if (Number.isNaN(entry.atMs)) return 'damaged'
    entry.target = target
    const who =
      first(row, ['session', 'session_hash', 'cookie_session', 'remote_user', 'user']) ??
      `${first(row, ['remote_addr', 'client_ip', 'clientip', 'remote_ip', 'ip'])} ${first(row, ['http_user_agent', 'user_agent', 'agent'])}`
    entry.visitor = keyedHash(who, { from: 0, to: who.length }, secret)
    entry.host = first(row, ['host', 'http_host', 'server_name', 'vhost']) ?? ''
    entry.role = first(row, ['role', 'profile']) ?? ''
    entry.answerMs = Number(first(row, ['request_time', 'duration']) ?? Number.NaN) * 1000
    return entry
  }
}

function requestOf(
  row: Record<string, unknown>,
): readonly [string | undefined, string | undefined] {
  const line = first(row, ['request'])
  if (line?.includes(' ')) return line.split(' ') as [string, string]
  return [
    first(row, ['request_method', 'method', 'verb']),
    first(row, ['request_uri', 'uri', 'path', 'url']),
  ]
}

function timeOf(row: Record<string, unknown>, paris: (seconds: number) => number): number {
  const iso = first(row, ['time_iso8601', '@timestamp', 'timestamp', 'time', 'ts'])
  if (iso?.includes('T')) return isoClockMs(iso)
  const common = first(row, ['time_local'])
  if (common !== undefined) return commonLogClock()(common, 0)
  return paris(Number(first(row, ['msec', 'time', 'timestamp', 'ts'])))
}

/** The first of `names` that holds something; `-` is how logs say nothing. */
function first(row: Record<string, unknown>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = row[name]
    if (typeof value === 'number') return String(value)
    if (typeof value === 'string' && value !== '' && value !== '-') return value
  }
  return undefined
}

function emptyEntry(): LogEntry {
  return { atMs: 0, target: '', visitor: 0, host: '', role: '', answerMs: Number.NaN }
}

function isGet(text: string, at: number): boolean {
  return (
    text.charCodeAt(at) === 71 && text.charCodeAt(at + 1) === 69 && text.charCodeAt(at + 3) === 32
  )
}

/** 200 and 304: a page that somebody saw. */
function isAnswered(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (code === 50) return text.charCodeAt(at + 1) === 48 && text.charCodeAt(at + 2) === 48
  return code === 51 && text.charCodeAt(at + 1) === 48 && text.charCodeAt(at + 2) === 52
}

const assetEndings = new Set(
  'js css map png jpg jpeg gif svg ico webp avif woff woff2 ttf eot json xml txt mp3 mp4 pdf'.split(
    ' ',
  ),
)

/** By the ending of the path; query aside. */
function isAsset(text: string, from: number, to: number): boolean {
  const query = text.indexOf('?', from)
  const end = query < 0 || query > to ? to : query
  for (let at = end - 1; at > end - 7 && at > from; at -= 1) {
    const code = text.charCodeAt(at)
    if (code === 46) return assetEndings.has(text.slice(at + 1, end))
    if (code === 47) return false
  }
  return false
}
