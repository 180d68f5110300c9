import { test } from 'tap'
import { MemoryStore } from './memory-store.ts'
import type { SharedTier } from './shared-tier.ts'
import { type Ask, heldAnswer, originAnswer, StageBench } from './stage-fixture.ts'

const rules = { freshSeconds: 5, staleWhileRevalidateSeconds: 0, staleIfErrorSeconds: 300 }
const home: Ask = { audience: 'user', path: '/home', session: 'a', rules }

/** A portal that numbers its pages, so that a kept one is told from a new one. */
function bench(): StageBench {
  const b = new StageBench(new MemoryStore(100_000))
  let made = 0
  b.respond = ({ identity, request }) => {
    made += 1
    const text = `<body>${identity.sessionKey} ${request.method} ${made}`
    return originAnswer(text, { 'Content-Type': 'text/html', 'Cache-Control': 'private, no-cache' })
  }
  return b
}

test('who asks again within seconds gets their own page, and nobody else does', async (t) => {
  const b = bench()
  t.equal((await b.ask(home)).text, '<body>a GET 1')
  t.equal(
    (await b.ask({ ...home, headers: { 'cache-control': 'no-cache' } })).text,
    '<body>a GET 1',
  )
  t.equal((await b.ask({ ...home, session: 'b' })).text, '<body>b GET 2')
  await b.advance(6000)
  t.equal((await b.ask(home)).text, '<body>a GET 3')
})

test('one session’s identical requests are one fetch; two sessions’ are two', async (t) => {
  const b = bench()
  const held = heldAnswer()
  b.respond = () => held.promise
  const asked = [b.ask(home), b.ask(home), b.ask({ ...home, session: 'b' })]
  await b.advance(0)
  t.equal(b.passed.length, 2)
  held.give(originAnswer('page'))
  for (const { text } of await Promise.all(asked)) t.equal(text, 'page')
})

test('nothing is kept where a session cookie may outlive a login', async (t) => {
  const b = bench()
  const ask: Ask = { ...home, keepsSession: true }
  t.equal((await b.ask(ask)).text, '<body>a GET 1')
  t.equal((await b.ask(ask)).text, '<body>a GET 2')
  const stranger: Ask = { audience: 'user', rules }
  t.equal((await b.ask(stranger)).text, '<body>null GET 3')
  t.equal((await b.ask(stranger)).text, '<body>null GET 4', 'nor without a session')
})

const changes: [string, Ask][] = [
  ['a write', { path: '/other', method: 'POST', session: 'a' }],
  ['a method nobody knows', { path: '/other', method: 'MKREAD', session: 'a' }],
  ['an address nobody knows', { path: '/x', audience: null, session: 'a' }],
  ['a class that says so', { path: '/delete', changesState: true, session: 'a' }],
]
for (const [what, change] of changes) {
  test(`${what} ends what the session had, from before it is sent until after its answer`, async (t) => {
    const b = bench()
    await b.ask(home)
    const respond = b.respond
    const held = heldAnswer()
    b.respond = () => held.promise
    const changing = b.ask(change)
    b.respond = respond
    t.equal((await b.ask(home)).text, '<body>a GET 2', 'while it is in flight')
    held.give(originAnswer(''))
    await changing
    t.equal((await b.ask(home)).text, '<body>a GET 3', 'what came meanwhile was not kept')
    t.equal((await b.ask(home)).text, '<body>a GET 3', 'what comes later is')
    t.equal((await b.ask({ ...home, session: 'b' })).text, '<body>b GET 4')
    await b.ask(change)
    t.equal((await b.ask({ ...home, session: 'b' })).text, '<body>b GET 4', 'another’s stays')
  })
}

test('a POST that its class calls a read ends nothing', async (t) => {
  const b = bench()
  await b.ask(home)
  await b.ask({ path: '/telemetry', method: 'POST', changesState: false, session: 'a' })
  t.equal((await b.ask(home)).text, '<body>a GET 1')
})

test('an answer that says whose the session is ends it too, by whatever address it comes', async (t) => {
  for (const headers of [
    { 'Ecluse-Identity': '?0' },
    { 'Set-Cookie': 'PORTALSESSION=; Max-Age=0' },
  ]) {
    const b = bench()
    await b.ask(home)
    const respond = b.respond
    b.respond = () => originAnswer('', headers)
    await b.ask({ path: '/news', session: 'a' })
    b.respond = respond
    t.equal((await b.ask(home)).text, '<body>a GET 2', JSON.stringify(headers))
  }
})

test('while the portal fails people see their own last page, and of when it is', async (t) => {
  const b = bench()
  await b.ask(home)
  await b.advance(120_000)
  b.respond = () => originAnswer('', {}, 503)
  const { answer, text } = await b.ask(home)
  t.equal(answer.status, 200)
  t.match(text, /^<body><p role="status".*il y a 2 minutes.*2 minutes ago.*<\/p>a GET 1$/)
  t.ok(answer.headers.includes('Ecluse-As-Of'))
  t.equal((await b.ask({ ...home, session: 'b' })).answer.status, 503, 'and nobody else’s')
  await b.advance(300_000)
  t.equal((await b.ask(home)).answer.status, 503, 'for a while')
})

test('a page that sets a cookie or says no-store is never kept', async (t) => {
  for (const headers of [{ 'Set-Cookie': 'a=b' }, { 'Cache-Control': 'no-store' }]) {
    const b = bench()
    b.respond = () => originAnswer('own', headers)
    await b.ask(home)
    b.respond = () => originAnswer('new')
    t.equal((await b.ask(home)).text, 'new')
  }
})

test('the tier that processes share never hears of a person’s own page', async (t) => {
  const heard: string[] = []
  const note = (key: string): void => void heard.push(key)
  const tier: SharedTier = {
    read: async (key) => (note(key), null),
    position: () => 0 as unknown as ReturnType<SharedTier['position']>,
    write: note,
    delete: note,
  }
  const b = new StageBench(new MemoryStore(100_000), 1000, tier)
  await b.ask(home)
  await b.ask(home)
  t.same(heard, [])
  await b.ask({ audience: 'school', path: '/news' })
  t.not(heard.length, 0, 'of a school’s it does')
})
