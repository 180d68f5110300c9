import type { SchoolShare } from './school-shares.ts'
import type { UsageLevel } from './user-book.ts'

/** One request in a line that schools share. */
export interface Sharer {
  readonly share: SchoolShare
  readonly level: UsageLevel
  readonly arrivedAtMs: number
  /** Service time it is expected to take. */
  readonly costMs: number
}

interface SchoolLine<S extends Sharer> {
  /** By level of use, each in order of arrival. */
  readonly levels: readonly [S[], S[], S[]]
  waiting: number
}

/** Whose turn it is: the school's that came first, or the school's that had least. */
export type SchoolOrder = 'arrival' | 'share'

/**
 * The line of one priority, shared by schools. Within a school those go first who used no more
 * than others do.
 */
export class SchoolLines<S extends Sharer> {
  private readonly lines = new Map<SchoolShare, SchoolLine<S>>()
  private readonly rank: (share: SchoolShare, line: SchoolLine<S>) => number
  private count = 0

  constructor(order: SchoolOrder) {
    this.rank = order === 'share' ? ({ tag }) => tag : (_, line) => headOf(line).arrivedAtMs
  }

  get size(): number {
    return this.count
  }

  push(sharer: S): void {
    let line = this.lines.get(sharer.share)
    if (line === undefined) {
      line = { levels: [[], [], []], waiting: 0 }
      this.lines.set(sharer.share, line)
    }
    line.levels[sharer.level].push(sharer)
    line.waiting += 1
    this.count += 1
  }

  /** The one to serve next. `isLate` says when who came last goes before who came first. O(schools). */
  takeNext(isLate: (head: S) => boolean): S | undefined {
    let next: SchoolShare | undefined
    let least = Number.POSITIVE_INFINITY
    for (const [share, line] of this.lines) {
      const rank = this.rank(share, line)
      if (next !== undefined && rank >= least) continue
      next = share
      least = rank
    }
    if (next === undefined) return undefined
    const level = this.lines.get(next)?.levels.find((one) => one.length > 0) as S[]
    const sharer = (isLate(level[0] as S) ? level.pop() : level.shift()) as S
    this.left(next)
    return sharer
  }

  /** The one who would be served last: of the school furthest ahead, the heaviest, the newest. */
  takeWorst(): S | undefined {
    let worst: SchoolShare | undefined
    let worstTag = Number.NEGATIVE_INFINITY
    for (const [share, line] of this.lines) {
      const tag = lastTag(share, line)
      if (tag < worstTag) continue
      worst = share
      worstTag = tag
    }
    if (worst === undefined) return undefined
    const sharer = this.lines
      .get(worst)
      ?.levels.findLast((one) => one.length > 0)
      ?.pop()
    this.left(worst)
    return sharer
  }

  /** True if it was waiting. */
  remove(sharer: S): boolean {
    const level = this.lines.get(sharer.share)?.levels[sharer.level]
    const index = level?.indexOf(sharer) ?? -1
    if (index === -1) return false
    level?.splice(index, 1)
    this.left(sharer.share)
    return true
  }

  *[Symbol.iterator](): IterableIterator<S> {
    for (const { levels } of this.lines.values()) for (const level of levels) yield* level
  }

  private left(share: SchoolShare): void {
    const line = this.lines.get(share) as SchoolLine<S>
    line.waiting -= 1
    this.count -= 1
    if (line.waiting === 0) this.lines.delete(share)
  }
}

function headOf<S extends Sharer>({ levels }: SchoolLine<S>): S {
  return levels.find((level) => level.length > 0)?.[0] as S
}

/** Where the school would stand when its last one is served, as its newest costs. */
function lastTag<S extends Sharer>(
  { tag, weight }: SchoolShare,
  { levels, waiting }: SchoolLine<S>,
): number {
  const newest = levels.findLast((level) => level.length > 0)?.at(-1)
  return tag + (waiting * (newest?.costMs ?? 0)) / weight
}
