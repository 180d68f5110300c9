/** Somebody the pipeline has recognised lately and had nothing to say to. */
export interface Asker {
  /** As the origin said it; null when nobody knows. */
  readonly school: string | null
}

/** People remembered in one generation. */
const perGeneration = 20_000

/**
 * Whose Cookie fields the pipeline has seen lately. The lane recognises nobody: it answers those for
 * whom recognising would change nothing, because it was done a moment ago. In two generations, so
 * that a field is known for one to two of them and then forgotten; a flood of fields only makes
 * that sooner.
 */
export class Askers {
  #young = new Map<string, Asker>()
  #old = new Map<string, Asker>()

  find(cookie: string): Asker | undefined {
    return cookie === '' ? nobody : (this.#young.get(cookie) ?? this.#old.get(cookie))
  }

  remember(cookie: string, school: string | null): void {
    if (cookie === '') return
    this.#young.set(cookie, { school })
    if (this.#young.size >= perGeneration) this.age()
  }

  age(): void {
    this.#old = this.#young
    this.#young = new Map()
  }

  clear(): void {
    this.#young = new Map()
    this.#old = new Map()
  }
}

const nobody: Asker = { school: null }
