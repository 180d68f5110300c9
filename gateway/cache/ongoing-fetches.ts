/** A fetch in progress and whether its resource was changed after it began. */
export interface FetchMark {
  readonly resource: string
  isOutdated: boolean
}

/** Fetches in progress by resource, so that none begun before a write is stored after it. */
export class OngoingFetches {
  readonly #marks = new Map<string, Set<FetchMark>>()

  begin(resource: string): FetchMark {
    const mark = { resource, isOutdated: false }
    const marks = this.#marks.get(resource)
    if (marks) marks.add(mark)
    else this.#marks.set(resource, new Set([mark]))
    return mark
  }

  end(mark: FetchMark): void {
    const marks = this.#marks.get(mark.resource)
    marks?.delete(mark)
    if (marks?.size === 0) this.#marks.delete(mark.resource)
  }

  outdate(resource: string): void {
    for (const mark of this.#marks.get(resource) ?? []) mark.isOutdated = true
  }
}
