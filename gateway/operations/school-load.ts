/** Requests of one school in a stretch of time. */
export interface SchoolCounts {
  served: number
  turnedAway: number
}

export interface SchoolRate {
  readonly school: string
  readonly servedPerSecond: number
  readonly turnedAwayPerSecond: number
}

/** Everybody who is not among the busiest, and whose school is not known. */
export const restOfSchools = 'rest'

const slotMs = 10_000
const slotCount = 6
/** Schools told apart in one slot; France has 60,000, one portal some thousands. */
const schoolsMax = 10_000
/** Longer names come from no register of schools. */
const nameMaxLength = 64

/**
 * Who asks most, over the last minute. A name that was not counted in time goes to the rest, and
 * so do all names past the bound: what is exported never grows with what clients or origins say.
 */
export class SchoolLoad {
  private slots: { readonly number: number; readonly counts: Map<string, SchoolCounts> }[] = []

  /** O(1). `school` is what the origin said, null when nobody knows. */
  note(school: string | null, end: 'served' | 'turnedAway', nowMs: number): void {
    this.noteMany(school, { served: 0, turnedAway: 0, [end]: 1 }, nowMs)
  }

  noteMany(school: string | null, more: SchoolCounts, nowMs: number): void {
    const { counts } = this.slotAt(nowMs)
    const isNamed = school !== null && school.length <= nameMaxLength
    const isKnown = isNamed && (counts.size < schoolsMax || counts.has(school))
    const name = isKnown ? school : restOfSchools
    const count = counts.get(name)
    if (count) add(count, more)
    else counts.set(name, { ...more })
  }

  /** The `top` busiest schools of the last minute, busiest first, and the rest as one. */
  rates(top: number, nowMs: number): readonly SchoolRate[] {
    const sums = this.sums(nowMs)
    const rest = sums.get(restOfSchools) ?? { served: 0, turnedAway: 0 }
    sums.delete(restOfSchools)
    const ranked = [...sums].sort(([, a], [, b]) => total(b) - total(a))
    for (const [, counts] of ranked.splice(top)) add(rest, counts)
    ranked.push([restOfSchools, rest])
    const seconds = (slotMs * slotCount) / 1_000
    return ranked.map(([school, { served, turnedAway }]) => ({
      school,
      servedPerSecond: served / seconds,
      turnedAwayPerSecond: turnedAway / seconds,
    }))
  }

  private sums(nowMs: number): Map<string, SchoolCounts> {
    const oldest = Math.floor(nowMs / slotMs) - slotCount
    const sums = new Map<string, SchoolCounts>()
    for (const { number, counts } of this.slots) {
      if (number <= oldest) continue
      for (const [school, one] of counts) {
        const sum = sums.get(school)
        if (sum) add(sum, one)
        else sums.set(school, { ...one })
      }
    }
    return sums
  }

  private slotAt(nowMs: number) {
    const number = Math.floor(nowMs / slotMs)
    const newest = this.slots.at(-1)
    if (newest && newest.number >= number) return newest
    const slot = { number, counts: new Map<string, SchoolCounts>() }
    this.slots = [...this.slots.slice(1 - slotCount), slot]
    return slot
  }
}

function add(sum: SchoolCounts, more: SchoolCounts): void {
  sum.served += more.served
  sum.turnedAway += more.turnedAway
}

function total({ served, turnedAway }: SchoolCounts): number {
  return served + turnedAway
}
