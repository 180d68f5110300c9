import { test } from 'tap'
import type { Answer } from '../exchange.ts'
import { MemoryStore } from './memory-store.ts'
import { type Ask, heldAnswer, originAnswer, settled, StageBench } from './stage-fixture.ts'

const bench = () => new StageBench(new MemoryStore(1_000_000))
const from = (answer: Answer) =>
  answer.outcome.kind === 'served' ? answer.outcome.from : answer.outcome.kind
const field = (answer: Answer, name: string) => {
  const at = answer.headers.findIndex((line) => line.toLowerCase() === name)
  return at < 0 ? undefined : answer.headers[at + 1]
}
const asking = (control: string, mayReload = true): Ask => ({
  headers: { 'cache-control': control },
  rules: { mayReload, staleWhileRevalidateSeconds: 0 },
})

test('where a class lets them, clients decide how old an answer may be, RFC 9111 §5.2.1', async (t) => {
  const rows: [string, string, number, 'origin' | 'fresh' | 'stale'][] = [
    ['no-cache', 'max-age=60', 1, 'origin'],
    ['no-store', 'max-age=60', 1, 'origin'],
    ['max-age=5', 'max-age=60', 5, 'fresh'],
    ['max-age=5', 'max-age=60', 6, 'origin'],
    ['min-fresh=50', 'max-age=60', 10, 'fresh'],
    ['min-fresh=50', 'max-age=60', 11, 'origin'],
    ['max-stale=10', 'max-age=60', 70, 'stale'],
    ['max-stale=10', 'max-age=60', 71, 'origin'],
    ['max-stale', 'max-age=60', 9999, 'stale'],
    ['max-stale', 'max-age=60, must-revalidate', 61, 'origin'],
    ['max-stale', 's-maxage=60', 61, 'origin'],
    ['max-stale', 'no-cache, max-age=60', 61, 'origin'],
  ]
  for (const [wish, control, afterSeconds, expect] of rows) {
    const b = bench()
    b.respond = () => originAnswer('news', { 'Cache-Control': control, ETag: '"1"' })
    await b.ask(asking('x'))
    await b.advance(afterSeconds * 1000)
    t.equal(from((await b.ask(asking(wish))).answer), expect, `${wish}, ${control}`)
  }
})

test('elsewhere no wish of a client reaches the origin', async (t) => {
  for (const wish of ['no-cache', 'max-age=0', 'max-age=1', 'min-fresh=9999', 'no-store']) {
    const b = bench()
    await b.ask(asking('x', false))
    await b.advance(4000)
    t.equal(from((await b.ask(asking(wish, false))).answer), 'fresh', wish)
    t.equal(b.passed.length, 1, wish)
  }
})

test('only-if-cached is answered from the store or with 504, RFC 9111 §5.2.1.7', async (t) => {
  const b = bench()
  const wish = { headers: { 'cache-control': 'only-if-cached' } }
  t.equal((await b.ask(wish)).answer.status, 504)
  t.equal(b.passed.length, 0)
  await b.ask()
  t.equal((await b.ask(wish)).text, 'news')
  await b.advance(3_700_000)
  t.equal((await b.ask(wish)).answer.status, 504, 'nor when what is stored is too old')
  t.equal(b.passed.length, 1)
})

test('a range is cut from what is stored whole, RFC 9110 §14', async (t) => {
  const b = bench()
  const range = (value: string, more: Record<string, string> = {}) =>
    b.ask({ headers: { range: value, ...more } })
  b.respond = () => originAnswer('0123456789', { ETag: '"v1"' })
  t.equal((await range('bytes=0-1')).text, '0123456789', 'what is not stored goes to the origin')
  t.equal(b.passed[0]?.request.headers['range'], 'bytes=0-1', 'as it was asked')
  await b.ask()
  const part = await range('bytes=2-4')
  t.equal(part.answer.status, 206)
  t.equal(part.text, '234')
  t.equal(field(part.answer, 'content-range'), 'bytes 2-4/10')
  t.equal(field(part.answer, 'content-length'), '3')
  t.equal(field(part.answer, 'etag'), '"v1"')
  t.ok(field(part.answer, 'age'))
  const over = await range('bytes=10-')
  t.equal(over.answer.status, 416)
  t.equal(field(over.answer, 'content-range'), 'bytes */10')
  t.equal((await range('bytes=0-1, 3-4')).text, '0123456789', 'several ranges are the whole')
  t.equal((await range('bytes=0-1', { 'if-range': '"v1"' })).text, '01')
  t.equal((await range('bytes=0-1', { 'if-range': '"v0"' })).text, '0123456789')
  t.equal((await range('bytes=0-1', { 'if-none-match': '"v1"' })).answer.status, 304)
  t.equal(b.passed.length, 2)
})

test('a part is never stored', async (t) => {
  const b = bench()
  const headers = { 'Content-Range': 'bytes 0-1/4', 'Cache-Control': 'max-age=60' }
  b.respond = () => originAnswer('ne', headers, 206)
  await b.ask({ rules: { otherStatusSeconds: 60 } })
  b.respond = () => originAnswer('news')
  t.equal((await b.ask({ rules: { otherStatusSeconds: 60 } })).text, 'news')
})

test('a refresh behind a range asks for the whole', async (t) => {
  const b = bench()
  await b.ask()
  await b.advance(31_000)
  const part = await b.ask({ headers: { range: 'bytes=0-1' } })
  t.equal(part.text, 'ne')
  await settled()
  t.equal(b.passed[1]?.request.headers['range'], undefined)
  t.equal(from((await b.ask()).answer), 'fresh')
})

test('a HEAD about the stored answer renews it, about another one ends it, RFC 9111 §4.3.5', async (t) => {
  const rows: [string, Record<string, string>, number, 'fresh' | 'origin'][] = [
    ['the same tag', { ETag: '"1"', 'Cache-Control': 'max-age=60' }, 200, 'fresh'],
    ['nothing to compare', { 'Cache-Control': 'max-age=60' }, 200, 'fresh'],
    ['another tag', { ETag: '"2"', 'Cache-Control': 'max-age=60' }, 200, 'origin'],
    ['another length', { 'Content-Length': '5', 'Cache-Control': 'max-age=60' }, 200, 'origin'],
    ['it is gone', { 'Cache-Control': 'max-age=60' }, 410, 'origin'],
  ]
  for (const [what, headers, status, expect] of rows) {
    const b = bench()
    b.respond = () => originAnswer('news', { ETag: '"1"', 'Cache-Control': 'max-age=1' })
    await b.ask({ rules: { staleWhileRevalidateSeconds: 0 } })
    await b.advance(2000)
    b.respond = () => ({ ...originAnswer('', headers, status), body: null })
    await b.ask({ method: 'HEAD', rules: { staleWhileRevalidateSeconds: 0 } })
    b.respond = () => originAnswer('news')
    const again = await b.ask({ rules: { staleWhileRevalidateSeconds: 0 } })
    t.equal(from(again.answer), expect, what)
  }
})

test('what must be asked for each time is, with its tag, and nobody waits for another', async (t) => {
  const b = bench()
  b.respond = ({ request }) =>
    request.headers['if-none-match'] === '"1"'
      ? { ...originAnswer('', { 'Cache-Control': 'no-cache' }, 304), body: null }
      : originAnswer('news', { 'Cache-Control': 'no-cache', ETag: '"1"' })
  await b.ask()
  const held = heldAnswer()
  const whole = b.respond
  b.respond = (exchange) => (b.passed.length === 2 ? held.promise : whole(exchange))
  const slow = b.ask()
  await settled()
  const other = await b.ask()
  t.equal(from(other.answer), 'revalidated')
  t.equal(other.text, 'news')
  held.give({ ...originAnswer('', { 'Cache-Control': 'no-cache' }, 304), body: null })
  t.equal((await slow).text, 'news')
  t.equal(b.passed.length, 3)
})

test('credentials get what is for everybody, and what they open stays theirs, RFC 9111 §3.5', async (t) => {
  const secret: Ask = { headers: { authorization: 'Basic x' } }
  const b = bench()
  b.respond = () => originAnswer('theirs', { 'Cache-Control': 'max-age=60' })
  await b.ask(secret)
  b.respond = () => originAnswer('everybody’s', { 'Cache-Control': 'max-age=60' })
  t.equal((await b.ask()).text, 'everybody’s')
  b.respond = () => originAnswer('theirs', { 'Cache-Control': 'max-age=60' })
  t.equal((await b.ask(secret)).text, 'theirs', 'the portal may answer them otherwise')
  t.equal((await b.ask()).text, 'everybody’s')
  const open = bench()
  open.respond = () => originAnswer('open', { 'Cache-Control': 'public, max-age=60' })
  await open.ask(secret)
  t.equal(from((await open.ask()).answer), 'fresh')
  t.equal(from((await open.ask(secret)).answer), 'fresh')
})

test('several with credentials never wait for one another', async (t) => {
  const b = bench()
  const held = heldAnswer()
  b.respond = (exchange) =>
    b.passed.length === 1
      ? held.promise
      : originAnswer(String(exchange.request.headers['authorization']))
  const first = b.ask({ headers: { authorization: 'Basic 1' } })
  await settled()
  t.equal((await b.ask({ headers: { authorization: 'Basic 2' } })).text, 'Basic 2')
  held.give(originAnswer('Basic 1'))
  t.equal((await first).text, 'Basic 1')
})

test('a busy entry is refreshed before it ends, once, and nobody waits', async (t) => {
  const b = bench()
  await b.ask({ rules: { staleWhileRevalidateSeconds: 0 } })
  await b.advance(28_600)
  const held = heldAnswer()
  b.respond = () => held.promise
  for (let i = 0; i < 10; i += 1) {
    t.equal(from((await b.ask({ rules: { staleWhileRevalidateSeconds: 0 } })).answer), 'fresh')
  }
  t.equal(b.passed.length, 2)
  held.give(originAnswer('newer'))
  await settled()
  await b.advance(2000)
  t.equal((await b.ask({ rules: { staleWhileRevalidateSeconds: 0 } })).text, 'newer')
  t.equal(b.passed.length, 2)
})

test('refreshes take a tenth of the gate, cost nobody anything and are shed first', async (t) => {
  const b = bench()
  const pages = Array.from({ length: 12 }, (_, i) => `/page-${i}`)
  for (const path of pages) await b.ask({ path })
  await b.advance(31_000)
  b.respond = () => heldAnswer().promise
  for (const path of pages) t.equal(from((await b.ask({ path })).answer), 'stale')
  const refreshes = b.passed.slice(pages.length)
  t.equal(refreshes.length, 8, 'of eighty slots')
  for (const { routing } of refreshes) {
    t.match(routing.routeClass, { name: 'news', priority: 6, cost: 0 })
  }
})
