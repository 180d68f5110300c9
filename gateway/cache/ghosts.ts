/**
 * Remembers which keys left lately, by 32-bit hashes in a table of fixed size: 8 bytes a place,
 * O(1), nothing to collect. A newcomer may take another's place, and two keys may share a hash:
 * both cost one decision about one entry.
 */
export class Ghosts {
  readonly #hashes: Int32Array
  readonly #turns: Uint32Array
  readonly #mask: number
  #turn = 0

  /** `places` is rounded up to a power of two. */
  constructor(places: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(1, places)))
    this.#hashes = new Int32Array(size)
    this.#turns = new Uint32Array(size)
    this.#mask = size - 1
  }

  get bytes(): number {
    return this.#hashes.byteLength + this.#turns.byteLength
  }

  remember(hash: number): void {
    // Turn 0 is an empty place; 2^32 departures later the oldest look young, which is harmless.
    this.#turn = (this.#turn % 0xffff_ffff) + 1
    const place = hash & this.#mask
    this.#hashes[place] = hash
    this.#turns[place] = this.#turn
  }

  /** Was this one among the last `window` that left? Whoever comes back is forgotten here. */
  recall(hash: number, window: number): boolean {
    const place = hash & this.#mask
    const turn = this.#turns[place] as number
    if (turn === 0 || this.#hashes[place] !== hash || this.#turn - turn >= window) return false
    this.#turns[place] = 0
    return true
  }
}

/** A 32-bit hash of a key (FNV-1a with the murmur3 finaliser). About a nanosecond a character. */
export function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
