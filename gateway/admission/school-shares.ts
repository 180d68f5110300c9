/** Ahead of its share by this many requests, a small school is still within it: ten first pages. */
const slackRequests = 200
/** The same for a large one, as time of its share. */
const slackMs = 2_000
/** Being ahead counts up to so many slacks: what was lent in a quiet hour is no debt for the day. */
const debtSlacks = 3
/** How often the weights are added up. */
const weighEveryMs = 1_000

/** How far one school is in virtual time: what it used over what it weighs. */
export interface SchoolShare {
  tag: number
  weight: number
}

/**
 * Who had how much of the slots. Virtual time goes on as it would for a school that uses exactly
 * its share: by what was used over the weight of all that are active. Who is behind it starts
 * anew from it, so nobody saves up; who is ahead by more than a bunch of pages is beyond its share
 * and goes after everybody who is within. Together with serving the least tag first that is
 * weighted max-min (start-time fair queueing; Goyal, Vin, Cheng 1996).
 */
export class SchoolShares {
  private readonly shares = new Map<string, SchoolShare>()
  private virtual = 0
  private totalWeight = 1
  private weighedAtMs = Number.NEGATIVE_INFINITY
  private meanCostMs = 100

  get size(): number {
    return this.shares.size
  }

  /** The school's share, caught up with virtual time. O(1). */
  of(school: string, weight: number): SchoolShare {
    let share = this.shares.get(school)
    if (share === undefined) {
      share = { tag: this.virtual, weight }
      this.shares.set(school, share)
    }
    share.weight = weight
    if (share.tag < this.virtual) share.tag = this.virtual
    return share
  }

  /** Is the school ahead by more than a bunch of pages? `slots` is what all share. */
  isBeyond(share: SchoolShare, slots: number): boolean {
    return share.tag > this.virtual + this.slack(share, slots)
  }

  /** One of the school takes a slot for about `costMs`. */
  charge(share: SchoolShare, costMs: number, slots: number): void {
    this.meanCostMs += 0.01 * (costMs - this.meanCostMs)
    this.virtual += costMs / this.totalWeight
    const most = this.virtual + debtSlacks * this.slack(share, slots)
    share.tag = Math.min(most, share.tag + costMs / share.weight)
  }

  /** Adds up the weights now and then; `isActive` says who counts. O(schools) a second. */
  weigh(isActive: (school: string) => boolean, nowMs: number): void {
    if (nowMs - this.weighedAtMs < weighEveryMs) return
    this.weighedAtMs = nowMs
    let total = 0
    for (const [school, { tag, weight }] of this.shares) {
      if (isActive(school)) total += weight
      else if (tag <= this.virtual) this.shares.delete(school)
    }
    this.totalWeight = Math.max(1, total)
  }

  private slack(share: SchoolShare, slots: number): number {
    const ofTime = (slackMs * slots) / this.totalWeight
    return Math.max(ofTime, (slackRequests * this.meanCostMs) / share.weight)
  }
}
