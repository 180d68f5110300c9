import { BoundedMap } from './bounded-map.ts'

/** A session counts for its crowd this long after its last request. */
const liveMs = 600_000
/** No crowd is believed to be larger: the largest cité scolaire with a fifth to spare. */
const maxCrowd = 4_000
const forgetEveryMs = 1_000
const maxPairs = 200_000
const maxCrowds = 20_000

/**
 * How many distinct live sessions are in a crowd (behind one address, in one school): those seen
 * here, or those that all processes saw together as last reported, whichever is more. Bounded;
 * O(1) on average.
 */
export class LiveSessions {
  /** `crowd session` to its last request, the longest silent first. */
  private readonly lastSeenMs = new Map<string, { crowd: string; atMs: number }>()
  private readonly seenHere = new Map<string, number>()
  private readonly reported = new BoundedMap<{ count: number; atMs: number }>(maxCrowds)
  private forgotAtMs = 0

  seen(crowd: string, session: string, atMs: number): void {
    this.forget(atMs)
    const pair = `${crowd} ${session}`
    if (!this.lastSeenMs.delete(pair)) this.seenHere.set(crowd, (this.seenHere.get(crowd) ?? 0) + 1)
    this.lastSeenMs.set(pair, { crowd, atMs })
  }

  /** What the shared count said. */
  report(crowd: string, count: number, atMs: number): void {
    this.reported.set(crowd, { count, atMs })
  }

  within(crowd: string, nowMs: number): number {
    const report = this.reported.get(crowd)
    const shared = report !== undefined && nowMs - report.atMs < liveMs ? report.count : 0
    return Math.min(maxCrowd, Math.max(shared, this.seenHere.get(crowd) ?? 0))
  }

  /** Walks from the longest silent, at most once a second: each walk passes what was deleted. */
  private forget(nowMs: number): void {
    const isFull = this.lastSeenMs.size >= maxPairs
    if (!isFull && nowMs - this.forgotAtMs < forgetEveryMs) return
    this.forgotAtMs = nowMs
    const keep = isFull ? maxPairs * 0.98 : maxPairs
    for (const [pair, { crowd, atMs }] of this.lastSeenMs) {
      if (nowMs - atMs < liveMs && this.lastSeenMs.size <= keep) break
      this.lastSeenMs.delete(pair)
      const left = (this.seenHere.get(crowd) ?? 1) - 1
      if (left > 0) this.seenHere.set(crowd, left)
      else this.seenHere.delete(crowd)
    }
  }
}
