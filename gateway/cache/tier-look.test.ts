import { test } from 'tap'
import { MemoryStore } from './memory-store.ts'
import type { SharedTier } from './shared-tier.ts'
import { originAnswer, settled, StageBench } from './stage-fixture.ts'
import type { StoredAnswer } from './stored-answer.ts'

/** A tier in memory; `hold` makes it answer when it is released. */
function tierInMemory() {
  const entries = new Map<string, StoredAnswer>()
  let gate = Promise.resolve()
  const tier: SharedTier = {
    position: () => ({ epoch: 'e1', number: 0 }),
    read: async (key) => {
      await gate
      return entries.get(key) ?? null
    },
    write: (key, entry) => entries.set(key, entry),
    delete: (key) => entries.delete(key),
  }
  const hold = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    gate = promise
    return resolve
  }
  return { tier, entries, hold }
}

/** Two processes of one edge, at the same instant. */
function pair() {
  const shared = tierInMemory()
  const bench = () => new StageBench(new MemoryStore(1_000_000), 1000, shared.tier)
  const [one, other] = [bench(), bench()]
  const advance = async (byMs: number): Promise<void> => {
    for (const b of [one, other]) await b.advance(byMs)
  }
  return { ...shared, one, other, advance }
}

test('what one process fetched the others answer without the origin, from then on from memory', async (t) => {
  const { one, other, entries, advance } = pair()
  await one.ask()
  await advance(4000)
  const { text, status } = await other.ask()
  t.strictSame([text, status, other.passed.length], ['news', 'hit; ttl=26', 0])
  entries.clear()
  t.equal((await other.ask()).status, 'hit; ttl=26')
})

test('everybody who waits meanwhile gets it too, and the tier is asked once', async (t) => {
  const { one, other, hold } = pair()
  await one.ask()
  const release = hold()
  const asked = Array.from({ length: 10 }, () => other.ask())
  await settled()
  release()
  for (const { text } of await Promise.all(asked)) t.equal(text, 'news')
  t.equal(other.passed.length, 0)
})

test('a refresh by one process is the refresh of all', async (t) => {
  const { one, other, advance } = pair()
  for (const b of [one, other]) await b.ask({ rules: { staleWhileRevalidateSeconds: 0 } })
  await advance(40_000)
  one.respond = () => originAnswer('newer')
  await one.ask({ rules: { staleWhileRevalidateSeconds: 0 } })
  const passed = other.passed.length
  t.equal((await other.ask({ rules: { staleWhileRevalidateSeconds: 0 } })).text, 'newer')
  t.equal(other.passed.length, passed)
})

test('a refresh behind a stale answer looks there first as well', async (t) => {
  const { one, other, advance } = pair()
  for (const b of [one, other]) await b.ask()
  await advance(40_000)
  one.respond = () => originAnswer('newer')
  await one.ask()
  await settled()
  const passed = other.passed.length
  t.equal((await other.ask()).text, 'news', 'the stale one at once')
  await settled()
  t.equal((await other.ask()).text, 'newer')
  t.equal(other.passed.length, passed)
})

test('an old entry is asked about with its validators, and given when the origin fails', async (t) => {
  const { one, other, advance } = pair()
  one.respond = () => originAnswer('news', { ETag: '"v1"' })
  await one.ask()
  await advance(2_000_000)
  other.respond = () => originAnswer('', {}, 503)
  const { text, answer } = await other.ask()
  t.equal(text, 'news')
  t.match(answer.outcome, { kind: 'served', from: 'stale' })
  t.equal(other.passed[0]?.request.headers['if-none-match'], '"v1"')
})

test('what is purged while the tier is asked is not used', async (t) => {
  const { one, other, hold } = pair()
  await one.ask()
  other.respond = () => originAnswer('newer')
  const release = hold()
  const asked = other.ask()
  await settled()
  await other.ask({ method: 'DELETE' })
  release()
  t.equal((await asked).text, 'newer')
})

test('who asks alone does not ask the tier', async (t) => {
  const { one, other } = pair()
  await one.ask()
  await other.ask({ off: 'coalescing' })
  await other.ask({ headers: { 'cache-control': 'no-store' }, path: '/other' })
  t.equal(other.passed.length, 2)
})
