import { test } from 'tap'
import type { Answer } from '../exchange.ts'
import { MemoryStore } from './memory-store.ts'
import { originAnswer, StageBench } from './stage-fixture.ts'

const bench = () => new StageBench(new MemoryStore(1_000_000))
const lost: Answer = {
  ...originAnswer('', {}, 502),
  body: null,
  outcome: { kind: 'turned-away', reason: 'origin-unreachable' },
}

test('an older answer covers for an origin that closes, unless it forbids it, RFC 9111 §4.2.4', async (t) => {
  const rows: [string, number][] = [
    ['max-age=2', 200],
    ['max-age=2, stale-if-error=60', 200],
    ['max-age=0, stale-if-error=60', 200],
    ['max-age=2, must-revalidate', 502],
    ['max-age=2, proxy-revalidate', 502],
    ['max-age=2, no-cache', 502],
    ['s-maxage=2', 502],
  ]
  for (const [control, expect] of rows) {
    const b = bench()
    b.respond = () => originAnswer('news', { 'Cache-Control': control, ETag: '"1"' })
    await b.ask({ rules: { staleWhileRevalidateSeconds: 0 } })
    await b.advance(3000)
    b.respond = () => lost
    const { answer } = await b.ask({ rules: { staleWhileRevalidateSeconds: 0 } })
    t.equal(answer.status, expect, control)
    t.equal(b.passed.length, 2, `${control}: the origin was asked`)
  }
})

test('an error is kept only where nothing better is stored, and as long as its class says', async (t) => {
  const rules = { otherStatusSeconds: 5, staleWhileRevalidateSeconds: 0 }
  const explicit = { 'Cache-Control': 'max-age=60' }
  const b = bench()
  b.respond = () => originAnswer('broken', explicit, 500)
  for (const _ of [1, 2]) t.equal((await b.ask({ rules })).answer.status, 500)
  t.equal(b.passed.length, 1, 'given from the store')
  await b.advance(5000)
  b.respond = () => originAnswer('news', { 'Cache-Control': 'max-age=1' })
  t.equal((await b.ask({ rules })).text, 'news')
  await b.advance(2000)
  b.respond = () => originAnswer('broken', explicit, 500)
  t.equal((await b.ask({ rules })).text, 'news', 'the older page is better than the error')
})

test('redirects and errors are their asker’s where the class keeps none', async (t) => {
  for (const status of [301, 302, 404, 500]) {
    const b = bench()
    b.respond = () => originAnswer('', { 'Cache-Control': 'public, max-age=60' }, status)
    for (const _ of [1, 2]) t.equal((await b.ask()).answer.status, status)
    t.equal(b.passed.length, 2, String(status))
  }
})
