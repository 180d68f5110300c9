import { LRUCache } from 'lru-cache'
import type { CacheStore } from './cache-store.ts'
import { entryBytes, type StoredAnswer } from './stored-answer.ts'

/** Answers in this process's memory, the least recently used leaving first, one at a time. */
export class MemoryStore implements CacheStore {
  readonly #entries: LRUCache<string, StoredAnswer>
  readonly #keysOf = new Map<string, Set<string>>()

  constructor(maxBytes: number) {
    this.#entries = new LRUCache<string, StoredAnswer>({
      maxSize: maxBytes,
      sizeCalculation: (entry, key) => entryBytes(key, entry),
      dispose: (entry, key, reason) => {
        if (reason !== 'set') this.#forget(key, entry.resource)
      },
    })
  }

  get bytes(): number {
    return this.#entries.calculatedSize
  }

  get(key: string): StoredAnswer | undefined {
    return this.#entries.get(key)
  }

  set(key: string, entry: StoredAnswer): void {
    this.#entries.set(key, entry)
    if (!this.#entries.has(key)) return this.#forget(key, entry.resource)
    const keys = this.#keysOf.get(entry.resource)
    if (keys) keys.add(key)
    else this.#keysOf.set(entry.resource, new Set([key]))
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  invalidate(resource: string): void {
    for (const key of this.#keysOf.get(resource) ?? []) this.#entries.delete(key)
  }

  #forget(key: string, resource: string): void {
    const keys = this.#keysOf.get(resource)
    keys?.delete(key)
    if (keys?.size === 0) this.#keysOf.delete(resource)
  }
}
