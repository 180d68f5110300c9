import { BoundedMap } from './bounded-map.ts'

/** A session counts for its address this long after its last request. */
const liveMs = 600_000
/** No address is believed to hold more: a large lycée with a fifth to spare. */
const maxBehindAddress = 2_000
const forgetEveryMs = 1_000
const maxPairs = 100_000
const maxAddresses = 20_000

/**
 * How many distinct live sessions are behind an address: those seen here, or those that all
 * processes saw together as last reported, whichever is more. Bounded; O(1) on average.
 */
export class LiveSessions {
  /** `address session` to its last request, the longest silent first. */
  private readonly lastSeenMs = new Map<string, { address: string; atMs: number }>()
  private readonly seenHere = new Map<string, number>()
  private readonly reported = new BoundedMap<{ count: number; atMs: number }>(maxAddresses)
  private forgotAtMs = 0

  seen(address: string, session: string, atMs: number): void {
    this.forget(atMs)
    const pair = `${address} ${session}`
    if (!this.lastSeenMs.delete(pair))
      this.seenHere.set(address, (this.seenHere.get(address) ?? 0) + 1)
    this.lastSeenMs.set(pair, { address, atMs })
  }

  /** What the shared count said. */
  report(address: string, count: number, atMs: number): void {
    this.reported.set(address, { count, atMs })
  }

  behind(address: string, nowMs: number): number {
    const report = this.reported.get(address)
    const shared = report !== undefined && nowMs - report.atMs < liveMs ? report.count : 0
    return Math.min(maxBehindAddress, Math.max(shared, this.seenHere.get(address) ?? 0))
  }

  /** Walks from the longest silent, at most once a second: each walk passes what was deleted. */
  private forget(nowMs: number): void {
    const isFull = this.lastSeenMs.size >= maxPairs
    if (!isFull && nowMs - this.forgotAtMs < forgetEveryMs) return
    this.forgotAtMs = nowMs
    const keep = isFull ? maxPairs * 0.98 : maxPairs
    for (const [pair, { address, atMs }] of this.lastSeenMs) {
      if (nowMs - atMs < liveMs && this.lastSeenMs.size <= keep) break
      this.lastSeenMs.delete(pair)
      const left = (this.seenHere.get(address) ?? 1) - 1
      if (left > 0) this.seenHere.set(address, left)
      else this.seenHere.delete(address)
    }
  }
}
