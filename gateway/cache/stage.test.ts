import { test } from 'tap'
import type { Answer } from '../exchange.ts'
import { MemoryStore } from './memory-store.ts'
import { type Ask, bodyOf, originAnswer, StageBench } from './stage-fixture.ts'

const bench = () => new StageBench(new MemoryStore(1_000_000))
const from = (answer: Answer) =>
  answer.outcome.kind === 'served' ? answer.outcome.from : answer.outcome.kind
const field = (answer: Answer, name: string) => {
  const at = answer.headers.findIndex((line) => line.toLowerCase() === name)
  return at < 0 ? undefined : answer.headers[at + 1]
}

test('the second asker is answered from the first’s answer, with its age', async (t) => {
  const b = bench()
  const first = await b.ask()
  t.equal(from(first.answer), 'origin')
  t.equal(first.status, 'fwd=uri-miss; fwd-status=200; stored')
  await b.advance(4000)
  const second = await b.ask()
  t.equal(second.text, 'news')
  t.equal(from(second.answer), 'fresh')
  t.equal(field(second.answer, 'age'), '4')
  t.equal(second.status, 'hit; ttl=26')
  t.equal(b.passed.length, 1)
})

test('people of different audiences never share', async (t) => {
  const rows: [string, Ask, Ask][] = [
    ['two schools', { audience: 'school', school: 's1' }, { audience: 'school', school: 's2' }],
    ['two roles', { audience: 'role', role: 'pupil' }, { audience: 'role', role: 'parent' }],
    [
      'a member and another of the school',
      { audience: 'group', path: '/classes/c1', groups: ['c1'] },
      { audience: 'group', path: '/classes/c1', groups: ['c2'] },
    ],
    [
      'a member and somebody unknown',
      { audience: 'school' },
      { audience: 'school', isVisitor: true },
    ],
    ['two queries', { query: 'page=1' }, { query: 'page=2' }],
    ['two hosts', {}, { headers: { host: 'other.example' } }],
    ['two sets of codings', {}, { headers: { 'accept-encoding': 'gzip' } }],
  ]
  for (const [who, one, other] of rows) {
    const b = bench()
    b.respond = () => originAnswer(`answer ${b.passed.length}`)
    t.equal((await b.ask(one)).text, 'answer 1', who)
    t.equal((await b.ask(other)).text, 'answer 2', who)
    t.equal((await b.ask(one)).text, 'answer 1', `${who}: each keeps their own`)
  }
})

test('people of one audience share', async (t) => {
  const rows: [string, Ask, Ask][] = [
    ['a school', { audience: 'school', role: 'pupil' }, { audience: 'school', role: 'parent' }],
    ['a role in two schools', { audience: 'role' }, { audience: 'role', school: 's2' }],
    [
      'a group',
      { audience: 'group', path: '/classes/c1', groups: ['c1'] },
      { audience: 'group', path: '/classes/c1', groups: ['c9', 'c1'] },
    ],
    [
      'a query that does not count',
      { query: 'utm=1&page=2', rules: { ignoreQuery: ['utm'] } },
      { query: 'page=2&utm=7', rules: { ignoreQuery: ['utm'] } },
    ],
  ]
  for (const [who, one, other] of rows) {
    const b = bench()
    await b.ask(one)
    t.equal(from((await b.ask(other)).answer), 'fresh', who)
  }
})

test('a query parameter behind a semicolon counts, whatever stands before it', async (t) => {
  const b = bench()
  const rules = { ignoreQuery: ['_'] }
  await b.ask({ query: '_=1;page=2', rules })
  t.equal((await b.ask({ query: '_=1', rules })).status, 'fwd=uri-miss; fwd-status=200; stored')
})

test('an origin’s narrower audience is kept from the first answer on', async (t) => {
  const b = bench()
  b.respond = ({ identity }) =>
    originAnswer(`of ${identity.principal?.school}`, {
      'Ecluse-Audience': 'school',
      'Ecluse-Cache-Control': 'max-age=60',
    })
  for (const audience of ['public', null] as const) {
    const path = `/shell-${audience}`
    t.equal((await b.ask({ path, audience, school: 's1' })).text, 'of s1')
    t.equal((await b.ask({ path, audience, school: 's2' })).text, 'of s2')
    const again = await b.ask({ path, audience, school: 's1' })
    t.equal(again.text, 'of s1')
    t.equal(from(again.answer), 'fresh')
    t.equal(field(again.answer, 'ecluse-audience'), undefined)
    t.equal((await b.ask({ path, audience, isVisitor: true })).text, 'of undefined')
  }
})

test('a cookie never comes from the cache', async (t) => {
  const b = bench()
  b.respond = () => originAnswer('hello', { 'Set-Cookie': 'PORTALSESSION=1' })
  t.equal(field((await b.ask()).answer, 'set-cookie'), 'PORTALSESSION=1')
  b.respond = () => originAnswer('hello')
  t.equal(field((await b.ask()).answer, 'set-cookie'), undefined)
  t.equal(b.passed.length, 2)
})

test('what the answer varies on selects it, RFC 9111 §4.1', async (t) => {
  const b = bench()
  b.respond = ({ request }) =>
    originAnswer(String(request.headers['accept-language']), { Vary: 'Accept-Language' })
  for (const _ of [1, 2]) {
    for (const language of ['fr', 'en']) {
      t.equal((await b.ask({ headers: { 'accept-language': language } })).text, language)
    }
  }
  t.equal(b.passed.length, 2)
})

test('a client’s good copy is told so, from the first answer on, RFC 9110 §13', async (t) => {
  const b = bench()
  b.respond = ({ request }) => {
    t.equal(request.headers['if-none-match'], undefined, 'the origin sends the whole')
    return originAnswer('news', { ETag: '"v1"', 'Last-Modified': 'Sun, 06 Nov 1994 08:49:37 GMT' })
  }
  const rows: [Record<string, string>, number][] = [
    [{ 'if-none-match': '"v1"' }, 304],
    [{ 'if-none-match': 'W/"v1"' }, 304],
    [{ 'if-none-match': '"v0", "v1"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"v2"' }, 200],
    [{ 'if-modified-since': 'Sun, 06 Nov 1994 08:49:37 GMT' }, 304],
    [{ 'if-modified-since': 'Sun, 06 Nov 1994 08:49:36 GMT' }, 200],
    [{ 'if-none-match': '"v2"', 'if-modified-since': 'Sun, 06 Nov 1994 08:49:37 GMT' }, 200],
  ]
  for (const [headers, expect] of rows) {
    const { answer, text } = await b.ask({ headers })
    t.equal(answer.status, expect, JSON.stringify(headers))
    t.equal(text, expect === 200 ? 'news' : '')
  }
  t.equal(b.passed.length, 1)
})

test('an answer that is not stored says why', async (t) => {
  const b = bench()
  b.respond = () => originAnswer('news', { 'Cache-Control': 'private' })
  t.equal((await b.ask()).status, 'fwd=uri-miss; fwd-status=200; detail=private')
})

test('a HEAD is served from a stored GET and never stored itself', async (t) => {
  const b = bench()
  await b.ask({ method: 'HEAD' })
  await b.ask()
  const head = await b.ask({ method: 'HEAD' })
  t.equal(head.text, '')
  t.equal(field(head.answer, 'content-length'), '4')
  t.equal(b.passed.length, 2)
})

test('a stale answer is renewed by a 304 and counted from it, RFC 9111 §4.3', async (t) => {
  const b = bench()
  const rules = { staleWhileRevalidateSeconds: 0 }
  b.respond = () => originAnswer('news', { ETag: '"v1"' })
  await b.ask({ rules })
  await b.advance(30_000)
  b.respond = ({ request }) => {
    t.equal(request.headers['if-none-match'], '"v1"')
    t.ok(request.headerLines.includes('if-none-match'), 'on the wire too')
    return { ...originAnswer('', { ETag: '"v1"', 'X-New': 'yes' }, 304), body: null }
  }
  const renewed = await b.ask({ rules })
  t.equal(from(renewed.answer), 'revalidated')
  t.equal(renewed.text, 'news')
  t.equal(field(renewed.answer, 'x-new'), 'yes')
  t.equal(renewed.status, 'fwd=stale; fwd-status=304; stored')
  await b.advance(29_000)
  t.equal(from((await b.ask({ rules })).answer), 'fresh')
})

test('a 304 about another answer is not believed', async (t) => {
  const b = bench()
  const rules = { staleWhileRevalidateSeconds: 0 }
  b.respond = () => originAnswer('old', { ETag: '"v1"' })
  await b.ask({ rules })
  await b.advance(30_000)
  b.respond = ({ request }) =>
    request.headers['if-none-match']
      ? { ...originAnswer('', { ETag: '"v2"' }, 304), body: null }
      : originAnswer('new', { ETag: '"v2"' })
  t.equal((await b.ask({ rules })).text, 'new')
})

test('a body cut short or not as long as it said is never stored', async (t) => {
  const b = bench()
  b.respond = () => ({ ...originAnswer(''), body: bodyOf('ne', 'cut') })
  await t.rejects(b.ask())
  b.respond = () => originAnswer('ne', { 'Content-Length': '4' })
  await b.ask()
  b.respond = () => originAnswer('news', { 'Content-Length': '4' })
  t.equal((await b.ask()).text, 'news')
  t.equal(b.passed.length, 3)
})

test('a body larger than an entry goes through whole and is not stored', async (t) => {
  const b = new StageBench(new MemoryStore(1_000_000), 10)
  b.respond = () => originAnswer('x'.repeat(11))
  for (const _ of [1, 2]) t.equal((await b.ask()).text, 'x'.repeat(11))
  t.equal(b.passed.length, 2)
})

test('a write that may have changed a page makes it a miss for everybody, RFC 9111 §4.4', async (t) => {
  const failed = { ...originAnswer('', {}, 504), body: null }
  const rows: [string, Answer, number][] = [
    ['done', originAnswer('', {}, 201), 2],
    ['redirected', originAnswer('', {}, 303), 2],
    ['an origin’s error', originAnswer('', {}, 500), 0],
    ['rejected by the origin', originAnswer('', {}, 403), 0],
    ['lost', { ...failed, outcome: { kind: 'turned-away', reason: 'origin-timeout' } }, 2],
    ['shed', { ...failed, outcome: { kind: 'turned-away', reason: 'gate-full' } }, 0],
    ['absorbed', { ...failed, status: 202, outcome: { kind: 'absorbed' } }, 2],
  ]
  for (const [what, written, misses] of rows) {
    const b = bench()
    await b.ask({ audience: 'school', school: 's1', query: 'page=1' })
    await b.ask({ audience: 'school', school: 's2' })
    b.respond = () => written
    await b.ask({ method: 'POST' })
    b.respond = () => originAnswer('newer')
    const before = b.passed.length
    await b.ask({ audience: 'school', school: 's1', query: 'page=1' })
    await b.ask({ audience: 'school', school: 's2' })
    t.equal(b.passed.length - before, misses, what)
  }
})

test('requests that neither ask the cache nor feed it', async (t) => {
  const rows: [string, Ask, string][] = [
    ['switched off', { off: 'cache' }, ''],
    [
      'credentials where people share',
      { audience: 'school', headers: { authorization: 'Basic x' } },
      'fwd=bypass; detail=authorization',
    ],
    ['a precondition', { headers: { 'if-match': '"a"' } }, 'fwd=bypass; detail=precondition'],
    [
      'fields that end at the edge and could be part of a key',
      { headers: { connection: 'keep-alive, Accept-Language' } },
      'fwd=bypass; detail=connection',
    ],
    [
      'a GET that an origin may take for a DELETE',
      { headers: { 'x-http-method-override': 'DELETE' } },
      'fwd=method',
    ],
    ['somebody outside', { isInside: true, isVisitor: true }, 'fwd=bypass; detail=not-inside'],
  ]
  for (const [what, ask, status] of rows) {
    const b = bench()
    await b.ask(ask)
    await b.ask()
    t.equal((await b.ask(ask)).status, status, what)
    t.equal(b.passed.length, 3, what)
  }
})

test('reloading gives the stored answer and at most one fetch in five seconds', async (t) => {
  const b = bench()
  const reload = { headers: { 'cache-control': 'no-cache' } }
  await b.ask()
  await b.advance(4999)
  await b.ask(reload)
  t.equal(b.passed.length, 1)
  await b.advance(1)
  for (let i = 0; i < 100; i += 1) t.equal(from((await b.ask(reload)).answer), 'fresh')
  await b.advance(0)
  t.equal(b.passed.length, 2)
})
