import type { CacheStore } from './cache-store.ts'
import { EntryQueue, type Slot } from './entry-queue.ts'
import { Ghosts, hashOf } from './ghosts.ts'
import { type PurgeTag, tagsOf } from './purge-tags.ts'
import { entryBytes, type StoredAnswer } from './stored-answer.ts'
import { TagIndex } from './tag-index.ts'

/** Share of the bytes in which newcomers show whether somebody asks for them again. */
const trialShareRatio = 0.1
/** Uses in that time that earn a place among the proven. */
const provenUses = 2
const maxUses = 3
/** Entries spared in a row by one eviction; keeps the slowest `set` short when all are in use. */
const maxSpared = 128
/** One remembered departure for so many bytes: more than there are entries of a usual size. */
const bytesPerGhost = 2048

/**
 * Answers in this process's memory: S3-FIFO (Yang et al., SOSP 2023), by bytes. Newcomers pass
 * through a small trial queue and leave from it unless they are asked for again, so that a scan
 * never reaches what people use; who comes back soon after leaving is proven at once. A hit is
 * one look-up and one increment. Compared with LRU, SIEVE and W-TinyLFU in memory-store.bench.ts.
 */
export class MemoryStore implements CacheStore {
  readonly #slots = new Map<string, Slot>()
  readonly #bearers = new TagIndex<Slot>()
  readonly #trial = new EntryQueue()
  readonly #proven = new EntryQueue()
  readonly #ghosts: Ghosts
  readonly #maxBytes: number
  readonly #trialMaxBytes: number

  constructor(maxBytes: number) {
    this.#ghosts = new Ghosts(maxBytes / bytesPerGhost)
    this.#maxBytes = maxBytes - this.#ghosts.bytes
    this.#trialMaxBytes = this.#maxBytes * trialShareRatio
  }

  get bytes(): number {
    return this.#trial.bytes + this.#proven.bytes + this.#ghosts.bytes
  }

  get(key: string): StoredAnswer | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined) return undefined
    if (slot.uses < maxUses) slot.uses += 1
    return slot.entry
  }

  set(key: string, entry: StoredAnswer): void {
    const bytes = entryBytes(key, entry)
    const slot = this.#slots.get(key)
    if (bytes > this.#maxBytes) {
      if (slot) this.#drop(slot)
      return
    }
    if (slot) this.#replace(slot, entry, bytes)
    else this.#add(key, entry, bytes)
    while (this.#trial.bytes + this.#proven.bytes > this.#maxBytes) this.#evict()
  }

  delete(key: string): void {
    const slot = this.#slots.get(key)
    if (slot) this.#drop(slot)
  }

  purge(tag: PurgeTag): void {
    for (const slot of this.#bearers.bearersOf(tag)) this.#drop(slot)
  }

  #add(key: string, entry: StoredAnswer, bytes: number): void {
    const hash = hashOf(key)
    const hasComeBack = this.#ghosts.recall(hash, this.#slots.size)
    const queue = hasComeBack ? this.#proven : this.#trial
    const tags = tagsOf(key, entry)
    const links = { newer: null, older: null }
    const slot: Slot = { key, hash, entry, bytes, tags, uses: 0, queue, ...links }
    this.#slots.set(key, slot)
    for (const tag of tags) this.#bearers.add(tag, slot)
    queue.push(slot)
  }

  // A newer answer of the same key keeps its place and its merits.
  #replace(slot: Slot, entry: StoredAnswer, bytes: number): void {
    for (const tag of slot.tags) this.#bearers.remove(tag, slot)
    slot.tags = tagsOf(slot.key, entry)
    for (const tag of slot.tags) this.#bearers.add(tag, slot)
    slot.queue.bytes += bytes - slot.bytes
    slot.entry = entry
    slot.bytes = bytes
  }

  #evict(): void {
    const newcomer = this.#trial.oldest
    const isTrialOver = this.#trial.bytes > this.#trialMaxBytes || this.#proven.oldest === null
    if (newcomer && isTrialOver) return this.#judge(newcomer)
    for (let spared = 0; spared <= maxSpared; spared += 1) {
      const slot = this.#proven.oldest as Slot
      if (slot.uses === 0 || spared === maxSpared) return this.#drop(slot)
      slot.uses -= 1
      this.#proven.remove(slot)
      this.#proven.push(slot)
    }
  }

  #judge(newcomer: Slot): void {
    if (newcomer.uses < provenUses) {
      this.#ghosts.remember(newcomer.hash)
      return this.#drop(newcomer)
    }
    newcomer.uses = 0
    this.#trial.remove(newcomer)
    this.#proven.push(newcomer)
  }

  #drop(slot: Slot): void {
    this.#slots.delete(slot.key)
    slot.queue.remove(slot)
    for (const tag of slot.tags) this.#bearers.remove(tag, slot)
  }
}
