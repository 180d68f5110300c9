import { LRUCache } from 'lru-cache'
import type { RandomStream } from '../../core/random.ts'
import type { CacheStore } from '../../gateway/cache/cache-store.ts'
import { sampleEntry } from '../../gateway/cache/store-contract.ts'

/** A cache as a simulation sees it: was the key there? Whatever was not is stored. */
export interface SimulatedCache {
  ask(key: string): boolean
}

const entry = sampleEntry('/a', 1000)

/** A store of ours. */
export function simulated(store: CacheStore): SimulatedCache {
  return {
    ask: (key) => {
      if (store.get(key)) return true
      store.set(key, entry)
      return false
    },
  }
}

/** Least recently used. */
export function lru(entries: number): SimulatedCache {
  const cache = new LRUCache<string, true>({ max: entries })
  return {
    ask: (key) => {
      if (cache.get(key)) return true
      cache.set(key, true)
      return false
    },
  }
}

/** SIEVE (Zhang et al., NSDI 2024): one queue and a hand that spares what was used. */
export function sieve(entries: number): SimulatedCache {
  const used = new Map<string, boolean>()
  // The queue, oldest first; the hand moves towards the newest and starts again.
  let queue: string[] = []
  let hand = 0
  const evict = (): void => {
    for (;;) {
      if (hand >= queue.length) {
        queue = queue.filter((key) => used.has(key))
        hand = 0
      }
      const key = queue[hand] as string
      hand += 1
      if (!used.has(key)) continue
      if (!used.get(key)) return void used.delete(key)
      used.set(key, false)
    }
  }
  return {
    ask: (key) => {
      if (used.has(key)) {
        used.set(key, true)
        return true
      }
      if (used.size >= entries) evict()
      used.set(key, false)
      queue.push(key)
      return false
    },
  }
}

/** W-TinyLFU (Einziger et al., TOS 2017) as Caffeine has it: 1 % window, segmented main, no climbing. */
export function tinyLfu(entries: number): SimulatedCache {
  const window = new Map<string, true>()
  const probation = new Map<string, true>()
  const shielded = new Map<string, true>()
  const windowMax = Math.max(1, Math.floor(entries / 100))
  const shieldedMax = Math.floor((entries - windowMax) * 0.8)
  const sketch = countMinSketch(entries)
  const touch = (map: Map<string, true>, key: string): void => {
    map.delete(key)
    map.set(key, true)
  }
  const oldest = (map: Map<string, true>): string => map.keys().next().value as string
  const move = (from: Map<string, true>, to: Map<string, true>, key: string): void => {
    from.delete(key)
    to.set(key, true)
  }
  return {
    ask: (key) => {
      sketch.add(key)
      if (window.has(key)) return touch(window, key), true
      if (shielded.has(key)) return touch(shielded, key), true
      if (probation.has(key)) {
        move(probation, shielded, key)
        if (shielded.size > shieldedMax) move(shielded, probation, oldest(shielded))
        return true
      }
      window.set(key, true)
      if (window.size <= windowMax) return false
      const candidate = oldest(window)
      move(window, probation, candidate)
      if (window.size + probation.size + shielded.size <= entries) return false
      const victim = oldest(probation)
      probation.delete(sketch.count(candidate) > sketch.count(victim) ? victim : candidate)
      return false
    },
  }
}

function countMinSketch(entries: number) {
  const width = 2 ** Math.ceil(Math.log2(entries * 4))
  const rows = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f].map((seed) => ({
    seed,
    counters: new Uint8Array(width),
  }))
  let additions = 0
  const place = (key: string, seed: number): number => {
    let hash = seed
    for (let at = 0; at < key.length; at += 1)
      hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 15), seed)
    return (hash ^ (hash >>> 13)) & (width - 1)
  }
  return {
    add: (key: string): void => {
      for (const { seed, counters } of rows) {
        const at = place(key, seed)
        counters[at] = Math.min(15, (counters[at] as number) + 1)
      }
      additions += 1
      if (additions < entries * 10) return
      additions = 0
      for (const { counters } of rows) for (let i = 0; i < width; i += 1) counters[i]! >>= 1
    },
    count: (key: string): number =>
      Math.min(...rows.map(({ seed, counters }) => counters[place(key, seed)] as number)),
  }
}

/** Keys by Zipf: rank r is asked for in proportion to 1 / r^skew. */
export function zipfKeys(
  random: RandomStream,
  { keys, skew }: { readonly keys: number; readonly skew: number },
): () => string {
  const cumulative = new Float64Array(keys)
  let sum = 0
  for (let rank = 0; rank < keys; rank += 1) cumulative[rank] = sum += 1 / (rank + 1) ** skew
  return () => {
    const target = random.next() * sum
    let low = 0
    let high = keys - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((cumulative[middle] as number) < target) low = middle + 1
      else high = middle
    }
    return `public\nbr\nhttps://ent.example/page/${low}?`
  }
}

/** Hit ratio of people's requests, warmed, with so many one-off keys of a scan before each. */
export function peoplesHitRatio(
  cache: SimulatedCache,
  next: () => string,
  {
    warm,
    requests,
    scanPerRequest,
  }: Readonly<Record<'warm' | 'requests' | 'scanPerRequest', number>>,
): number {
  for (let i = 0; i < warm; i += 1) cache.ask(next())
  let hits = 0
  let scanned = 0
  for (let i = 0; i < requests; i += 1) {
    for (let j = 0; j < scanPerRequest; j += 1) {
      cache.ask(`public\nbr\nhttps://ent.example/scan/${scanned}?`)
      scanned += 1
    }
    if (cache.ask(next())) hits += 1
  }
  return hits / requests
}
