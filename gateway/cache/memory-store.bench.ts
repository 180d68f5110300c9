import { LRUCache } from 'lru-cache'
import { randomStream } from '../../core/random.ts'
import {
  lru,
  peoplesHitRatio,
  type SimulatedCache,
  sieve,
  simulated,
  tinyLfu,
  zipfKeys,
} from '../../test/support/eviction.ts'
import { MemoryStore } from './memory-store.ts'
import { entryBytes } from './stored-answer.ts'
import { sampleEntry } from './store-contract.ts'

/**
 * Why the memory store evicts as it does, and what a hit costs. Prints; asserts nothing.
 * `node gateway/cache/memory-store.bench.ts`
 */
const sample = sampleEntry('/a', 1000)
const eachBytes = entryBytes('public\nbr\nhttps://ent.example/page/12345?', sample)

hitRatios()
hitCosts()

function hitRatios(): void {
  console.log('hit ratio of people, alone and with 5 or 10 one-off keys before each request')
  for (const { entries, keys, skew } of [
    { entries: 10_000, keys: 100_000, skew: 0.9 },
    { entries: 1000, keys: 10_000, skew: 1 },
    { entries: 5000, keys: 100_000, skew: 0.7 },
  ]) {
    console.log(`${entries} of ${keys} pages fit, Zipf ${skew}`)
    const contenders: Record<string, () => SimulatedCache> = {
      'ours (S3-FIFO)': () => simulated(new MemoryStore(entries * eachBytes)),
      'W-TinyLFU': () => tinyLfu(entries),
      SIEVE: () => sieve(entries),
      LRU: () => lru(entries),
    }
    for (const [name, make] of Object.entries(contenders)) {
      const ratios = [0, 5, 10].map((scanPerRequest) => {
        const next = zipfKeys(randomStream(7), { keys, skew })
        return peoplesHitRatio(make(), next, { warm: 400_000, requests: 200_000, scanPerRequest })
      })
      console.log(`  ${name.padEnd(16)}${ratios.map((ratio) => ratio.toFixed(4)).join('  ')}`)
    }
  }
}

/** Nanoseconds a hit by Zipf over 10^4 keys: medians of seven interleaved rounds of 10^6. */
function hitCosts(): void {
  const next = zipfKeys(randomStream(7), { keys: 10_000, skew: 1 })
  const asked = Array.from({ length: 100_000 }, next)
  const map = new Map<string, typeof sample>()
  const least = new LRUCache<string, typeof sample>({ maxSize: 2 ** 40, sizeCalculation: () => 1 })
  const ours = new MemoryStore(2 ** 27)
  for (const store of [map, least, ours]) for (const key of asked) store.set(key, sample)
  const costs = new Map<string, number[]>([
    ['Map', []],
    ['lru-cache', []],
    ['ours', []],
  ])
  for (let round = 0; round < 8; round += 1) {
    for (const [name, store] of [
      ['Map', map],
      ['lru-cache', least],
      ['ours', ours],
    ] as const) {
      let found = 0
      const beganAtMs = performance.now()
      for (let turn = 0; turn < 10; turn += 1)
        for (const key of asked) if (store.get(key)) found += 1
      // The first round warms up.
      if (round > 0) costs.get(name)?.push(((performance.now() - beganAtMs) * 1e6) / found)
    }
  }
  const medians = [...costs].map(([name, rounds]) => `${name} ${median(rounds).toFixed(1)} ns`)
  console.log(`a hit: ${medians.join(', ')}`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number
}
