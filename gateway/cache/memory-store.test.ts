import { test } from 'tap'
import { randomStream } from '../../core/random.ts'
import {
  lru,
  peoplesHitRatio,
  type SimulatedCache,
  simulated,
  zipfKeys,
} from '../../test/support/eviction.ts'
import { MemoryStore } from './memory-store.ts'
import { SightedStore } from './sighted-store.ts'
import { entryBytes } from './stored-answer.ts'
import { sampleEntry, storeClaims } from './store-contract.ts'

for (const { claim, observe, expect } of storeClaims) {
  test(`the sighted store ${claim}`, async (t) => {
    const store = new SightedStore(new MemoryStore(65_536), () => false)
    t.strictSame(await observe(store), expect)
  })
  test(`the memory store ${claim}`, async (t) => {
    t.strictSame(await observe(new MemoryStore(65_536)), expect)
  })
}

test('the memory store never counts more than its bytes and evicts one by one', async (t) => {
  const store = new MemoryStore(65_536)
  for (let i = 0; i < 1000; i += 1) {
    store.set(`k${i}`, sampleEntry(`/r${i}`, 1000))
    t.ok(store.bytes <= 65_536)
  }
  t.ok(store.bytes > 60_000, 'full, not emptied by half')
  t.ok(store.get('k999'), 'the newest is there')
  t.notOk(store.get('k0'), 'the oldest has left')
})

test('entries of any size, replaced, deleted and purged at random, are counted exactly', async (t) => {
  const random = randomStream(3)
  const store = new MemoryStore(262_144)
  const empty = store.bytes
  for (let i = 0; i < 20_000; i += 1) {
    const key = `k${Math.floor(random.next() * 300)}`
    const draw = random.next()
    if (draw < 0.6) {
      const resource = `/r${Math.floor(random.next() * 100)}`
      store.set(key, sampleEntry(resource, Math.floor(random.next() ** 4 * 200_000)))
    } else if (draw < 0.9) store.get(key)
    else if (draw < 0.95) store.delete(key)
    else store.purge(`/r${Math.floor(random.next() * 100)}` as Parameters<typeof store.purge>[0])
    if (store.bytes > 262_144) t.fail(`${store.bytes} bytes after ${i} steps`)
  }
  t.ok(store.bytes > empty)
  for (let i = 0; i < 300; i += 1) store.delete(`k${i}`)
  t.equal(store.bytes, empty, 'nothing is left of what was taken out')
})

test('a store without bytes keeps nothing', async (t) => {
  const store = new MemoryStore(0)
  store.set('k', sampleEntry('/a'))
  t.equal(store.get('k'), undefined)
})

// 1,000 of 10,000 pages fit; both caches see the same requests.
const entries = 1000
const people = { warm: 200_000, requests: 100_000 }
const sample = sampleEntry('/a', 1000)
const eachBytes = entryBytes('public\nbr\nhttps://ent.example/page/1234?', sample)
const ours = (): SimulatedCache => simulated(new MemoryStore(entries * eachBytes))
const pages = () => zipfKeys(randomStream(7), { keys: 10_000, skew: 1 })

test('a scan of 10^6 one-off addresses costs people less than 2 points of hits', async (t) => {
  const lossOf = (make: () => SimulatedCache) =>
    peoplesHitRatio(make(), pages(), { ...people, scanPerRequest: 0 }) -
    peoplesHitRatio(make(), pages(), { ...people, scanPerRequest: 10 })
  const loss = lossOf(ours)
  t.comment(`loss of hit ratio: ${loss.toFixed(4)}`)
  t.ok(loss < 0.02)
  t.ok(lossOf(() => lru(entries)) > 0.02, 'evicting the least recently used would not do')
})

test('what people use is still there after a scan while nobody came', async (t) => {
  const ratioAfterScan = (cache: SimulatedCache) => {
    const next = pages()
    const before = peoplesHitRatio(cache, next, { ...people, scanPerRequest: 0 })
    for (let i = 0; i < 1_000_000; i += 1) cache.ask(`public\nbr\nhttps://ent.example/scan/${i}?`)
    const few = { warm: 0, requests: 2000, scanPerRequest: 0 }
    return before - peoplesHitRatio(cache, next, few)
  }
  t.ok(ratioAfterScan(ours()) < 0.02)
  t.ok(ratioAfterScan(lru(entries)) > 0.02, 'evicting the least recently used would not do')
})
