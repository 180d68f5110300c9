import type { PurgeTag } from './purge-tags.ts'

/** Who bears a tag. Most tags have one bearer, which is kept without a set around it. */
export class TagIndex<T extends object> {
  readonly #bearers = new Map<PurgeTag, T | Set<T>>()

  add(tag: PurgeTag, bearer: T): void {
    const found = this.#bearers.get(tag)
    if (found === undefined) this.#bearers.set(tag, bearer)
    else if (found instanceof Set) found.add(bearer)
    else if (found !== bearer) this.#bearers.set(tag, new Set([found, bearer]))
  }

  remove(tag: PurgeTag, bearer: T): void {
    const found = this.#bearers.get(tag)
    if (found === bearer) this.#bearers.delete(tag)
    if (!(found instanceof Set)) return
    found.delete(bearer)
    if (found.size === 0) this.#bearers.delete(tag)
  }

  /** Everybody who bears the tag now; the list is the caller's. */
  bearersOf(tag: PurgeTag): readonly T[] {
    const found = this.#bearers.get(tag)
    if (found === undefined) return []
    return found instanceof Set ? [...found] : [found]
  }

  get size(): number {
    return this.#bearers.size
  }
}
