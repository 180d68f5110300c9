/**
 * A map that never holds more than `maxSize` entries: in two generations, the elder dropped whole
 * when the younger is half of it. What was set lately is kept, every step is O(1), and no eviction
 * walks the map (a JavaScript map that loses its first entries one by one gets slow at its head).
 */
export class BoundedMap<V> {
  private young = new Map<string, V>()
  private old = new Map<string, V>()
  private readonly maxSize: number

  constructor(maxSize: number) {
    this.maxSize = maxSize
  }

  get size(): number {
    return this.young.size + this.old.size
  }

  get(key: string): V | undefined {
    return this.young.get(key) ?? this.old.get(key)
  }

  set(key: string, value: V): void {
    this.old.delete(key)
    this.young.set(key, value)
    if (this.young.size < this.maxSize / 2) return
    this.old = this.young
    this.young = new Map()
  }

  delete(key: string): void {
    this.young.delete(key)
    this.old.delete(key)
  }
}
