import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { writeFile } from 'node:fs/promises'

/**
 * A generator of access logs that shares nothing with ours: its own arithmetic of chance (a linear
 * congruence), visits of uniform length, gaps that are sums of two exponentials, a saw-tooth of
 * arrivals. What it made it also counts, so that calibration has a truth to be compared with.
 */
export interface SyntheticTruth {
  visits: number
  pages: number
  gapsMs: number
  readonly bins: number[]
  readonly mix: Map<string, number>
  bytes: number
}

const pageNames = ['home', 'homework', 'homework-item', 'messages', 'marks', 'timetable', 'news']
const weights = [10, 25, 20, 20, 10, 10, 5]

export interface SyntheticLog {
  readonly files: string[]
  readonly truth: SyntheticTruth
}

/** Markers that must not survive: planted in paths, queries, accounts, referrers and browsers. */
export const markers = ['zzdupontzz', 'zzsecretzz', 'zzloginzz', 'zzrefererzz', 'zzbrowserzz']

/** Writes two hours of logs of `visits` visits, over two servers' files, one of them packed. */
export async function writeSyntheticLog(
  folder: string,
  ask: { readonly visits: number; readonly assetsPerPage: number; readonly isJson?: boolean },
): Promise<SyntheticLog> {
  const next = congruence(12_345)
  const truth: SyntheticTruth = {
    visits: 0,
    pages: 0,
    gapsMs: 0,
    bins: Array.from({ length: 288 }, () => 0),
    mix: new Map(),
    bytes: 0,
  }
  const events: { atMs: number; visitor: number; page: string }[] = []
  for (let visitor = 0; visitor < ask.visits; visitor += 1) {
    // Arrivals between 07:00 and 09:00, more and more in each half-hour, then fewer again.
    const half = Math.floor(next() * 4)
    let atMs = (7 * 60 + half * 30 + 30 * Math.sqrt(next())) * 60_000
    const pages = 1 + Math.floor(next() * 19)
    truth.visits += 1
    for (let page = 0; page < pages; page += 1) {
      if (page > 0) {
        const gapMs =
          Math.round(-12_000 * Math.log(1 - next()) - 12_000 * Math.log(1 - next())) + 2_000
        atMs += gapMs
        truth.gapsMs += gapMs
      }
      const name = page === 0 ? 'home' : (pageNames[pick(next())] as string)
      truth.pages += 1
      const bin = Math.floor(Math.floor(atMs / 1000) / 300)
      truth.bins[bin] = (truth.bins[bin] as number) + 1
      truth.mix.set(name, (truth.mix.get(name) ?? 0) + 1)
      events.push({ atMs, visitor, page: name })
    }
  }
  events.sort((a, b) => a.atMs - b.atMs)
  const [plain, packed] = [join(folder, 'b-server.log'), join(folder, 'a-server.log.gz')]
  const out = createWriteStream(plain)
  const other: string[] = []
  let pending: string[] = []
  for (const event of events) {
    const lines = ask.isJson ? [jsonLine(event)] : combinedLines(event, ask.assetsPerPage, next)
    for (const line of lines) {
      truth.bytes += line.length + 1
      if (event.visitor % 2 === 0) pending.push(line)
      else other.push(line)
    }
    if (pending.length < 5_000) continue
    if (!out.write(`${pending.join('\n')}\n`)) await once(out, 'drain')
    pending = []
  }
  out.end(`${pending.join('\n')}\nthis is no log line\n`)
  await once(out, 'close')
  await writeFile(packed, gzipSync(`${other.join('\n')}\n`))
  return { files: [plain, packed], truth }
}

function combinedLines(
  { atMs, visitor, page }: { atMs: number; visitor: number; page: string },
  assetsPerPage: number,
  next: () => number,
): string[] {
  const line = (request: string, status: number): string =>
    `10.${(visitor >> 12) & 255}.${(visitor >> 6) & 63}.7 - ${markers[2]}${visitor} [23/Nov/2026:${clock(atMs)} +0100] ` +
    `"${request} HTTP/1.1" ${status} 5123 "https://ent.example/${markers[3]}" "Mozilla/5.0 (X11; ${markers[4]})"`
  const lines = [line(`GET /portal/${page}?eleve=${markers[0]}&sesskey=${markers[1]}`, 200)]
  for (let i = 0; i < assetsPerPage; i += 1) {
    lines.push(line(`GET /assets/${Math.floor(next() * 1e6)}.js?v=3`, 200))
  }
  if (visitor % 10 === 0) {
    lines.push(line('GET /api/me/counters/messages', 200), line('POST /api/telemetry', 204))
  }
  if (visitor % 50 === 0) lines.push(line(`GET /perso/${markers[0]}${visitor}/carnet`, 404))
  return lines
}

function jsonLine({
  atMs,
  visitor,
  page,
}: {
  atMs: number
  visitor: number
  page: string
}): string {
  return JSON.stringify({
    time_iso8601: `2026-11-23T${clock(atMs)}+01:00`,
    remote_addr: `10.1.2.3`,
    session: `${markers[2]}${visitor}`,
    host: `lycee-${visitor % 5}.ent.example`,
    role: visitor % 3 === 0 ? 'teacher' : 'eleve',
    request: `GET /portal/${page}?q=${markers[1]} HTTP/1.1`,
    status: 200,
    request_time: '0.120',
    http_referer: `https://x/${markers[3]}`,
  })
}

function clock(atMs: number): string {
  const seconds = Math.floor(atMs / 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

function pick(u: number): number {
  let left = u * weights.reduce((sum, weight) => sum + weight, 0)
  return weights.findIndex((weight) => (left -= weight) < 0)
}

/** Knuth's MMIX constants need 64 bits; these are of Park and Miller. */
function congruence(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
