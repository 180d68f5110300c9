import type { MonotonicMs } from '../../core/clock.ts'

/** Remembers the last `maxEntries` keys, each for `keepMs`. Forgetting must always be harmless. */
export class ExpiringMap<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly untilMs: number }>()
  readonly #maxEntries: number
  readonly #keepMs: number

  constructor(bounds: { readonly maxEntries: number; readonly keepMs: number }) {
    this.#maxEntries = bounds.maxEntries
    this.#keepMs = bounds.keepMs
  }

  get(key: string, nowMs: MonotonicMs): V | undefined {
    const entry = this.#entries.get(key)
    return entry && nowMs < entry.untilMs ? entry.value : undefined
  }

  set(key: string, value: V, nowMs: MonotonicMs): void {
    this.#entries.delete(key)
    this.#entries.set(key, { value, untilMs: nowMs + this.#keepMs })
    if (this.#entries.size <= this.#maxEntries) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }
}
