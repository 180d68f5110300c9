import { test } from 'tap'
import { MemoryStore } from './memory-store.ts'
import { sampleEntry, storeClaims } from './store-contract.ts'

for (const { claim, observe, expect } of storeClaims) {
  test(`the memory store ${claim}`, async (t) => {
    t.strictSame(observe(new MemoryStore(65_536)), expect)
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
