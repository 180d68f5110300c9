import type { MonotonicMs, WallMs } from '../../core/clock.ts'
import { MemoryStore } from '../../gateway/cache/memory-store.ts'
import { storedAnswer } from '../../gateway/cache/stored-answer.ts'

/**
 * A process that stores distinct answers of 200 B to 4 kB, half of them of schools, each made of
 * texts and bytes of its own as a parser makes them, and prints what became of its memory:
 * `node --expose-gc test/support/memory-growth.ts 1000000`.
 */
const keys = Number(process.argv[2])
const boundBytes = 32 * 1024 * 1024
const at = 0.5 as MonotonicMs
const timeline = {
  bornAtMs: at,
  storedAtMs: at,
  freshUntilMs: at,
  refreshUntilMs: at,
  errorUntilMs: at,
}

const before = liveBytes()
const rssBefore = process.memoryUsage.rss()
const store = new MemoryStore(boundBytes)
let rssPeak = rssBefore
for (let number = 0; number < keys; number += 1) {
  const resource = `https://ent.example/news/articles/${number}/page`
  const scope = number % 2 === 0 ? 'public' : `school s${number % 500}`
  const originLines = linesOf(number).map((text) => Buffer.from(text, 'latin1').toString('latin1'))
  const body = new Uint8Array(200 + ((number * 7919) % 3800))
  const receivedAtMs = 1_584_345_300_000 as WallMs
  const entry = storedAnswer({ resource, originLines, body, timeline, receivedAtMs })
  store.set(`${scope}\nbr,gzip\n${resource}?`, entry)
  if (number % 1000 === 0) rssPeak = Math.max(rssPeak, process.memoryUsage.rss())
}
console.log(
  JSON.stringify({
    boundBytes,
    countedBytes: store.bytes,
    liveBytes: liveBytes() - before,
    rssGrowthBytes: rssPeak - rssBefore,
  }),
)
// Looked at after the measurement, so that the store lives until then.
if (store.get('') !== undefined) throw new Error('a key that was never set')

function liveBytes(): number {
  for (let i = 0; i < 3; i += 1) globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function linesOf(number: number): string[] {
  return [
    'Content-Type: text/html; charset=utf-8',
    'Cache-Control: public, max-age=60',
    `ETag: "${number}-abcdef0123456789"`,
    'Last-Modified: Mon, 16 Mar 2020 07:00:00 GMT',
    'Date: Mon, 16 Mar 2020 08:00:00 GMT',
    'Vary: Accept-Encoding',
  ].flatMap((line) => line.split(': ', 2))
}
