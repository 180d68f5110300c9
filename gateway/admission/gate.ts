import type { GateRules } from '../policy/policy.ts'
import { type Waiter, WaitingLine } from './waiting-line.ts'

/** What became of a waiter. Each one that arrives is settled exactly once, unless it leaves. */
export type Settled<W extends Waiter> =
  | { readonly kind: 'admitted'; readonly waiter: W; readonly waitedMs: number }
  | {
      readonly kind: 'shed'
      readonly waiter: W
      readonly reason: 'gate-full' | 'deadline-passed'
    }

/** How busy the gate is. */
export interface GateLoad {
  readonly inFlight: number
  readonly queued: number
  /** Those of the queued that somebody is looking at. */
  readonly pressing: number
  readonly limit: number
  /** Share of the slots held, averaged exponentially over about a second; above 1 when unenforced. */
  readonly utilisationRatio: number
}

/** Time constant of the utilisation: shorter than a page, longer than a burst of its data calls. */
const utilisationMs = 1_000
/** Weight of the newest service time: the last 20 or so of a class decide. */
const serviceWeightRatio = 0.1
/** Until a class was measured once. */
const unmeasuredServiceMs = 100

/**
 * Bounds what the origin works on at once, and decides who goes next and who is shed. Strict
 * priorities; a free slot never stays free while somebody waits. Time is passed in and only needs
 * to be monotonic. O(waiting) at worst for a step, and the line is bounded.
 */
export class Gate<W extends Waiter> {
  private rules: GateRules
  private readonly line = new WaitingLine<W>()
  private readonly serviceMs = new Map<string, number>()
  private meanServiceMs = unmeasuredServiceMs
  private inFlight = 0
  private appliesInFlight = 0
  private wasLastApply = false
  private utilisation = 0
  private utilisationAtMs = 0

  constructor(rules: GateRules) {
    this.rules = rules
  }

  /** Takes new rules; a larger gate lets people in at once, a smaller one waits for releases. */
  setRules(rules: GateRules, nowMs: number): Settled<W>[] {
    this.observe(nowMs)
    this.rules = rules
    return this.admitWaiting(nowMs)
  }

  /** The waiter is admitted, waits, or is shed; another may be displaced by it. */
  arrive(waiter: W, nowMs: number): Settled<W>[] {
    this.line.push(waiter)
    const settled = this.admitWaiting(nowMs)
    // More applies than slots would only wait to be late; their worker comes back by itself.
    while (this.line.applies > Math.max(1, this.rules.maxInFlight))
      shed(settled, this.line.takeNewestApply(), 'gate-full')
    while (this.line.people > this.rules.maxQueued)
      shed(settled, this.line.takeWorst(), 'gate-full')
    return settled
  }

  /** Counts a request that passes whatever the limit: the gate is observed, not enforced. */
  pass(waiter: W, nowMs: number): void {
    this.observe(nowMs)
    this.inFlight += 1
    if (waiter.line === 'apply') this.appliesInFlight += 1
  }

  /** The waiter's client has gone; true if it was still waiting, which ends its stay. */
  leave(waiter: W): boolean {
    return this.line.remove(waiter)
  }

  /**
   * Gives a slot back. `serviceMs` is how long the origin took, or null when that says nothing
   * about it (the client left, the connection failed).
   */
  release(waiter: W, nowMs: number, serviceMs: number | null): Settled<W>[] {
    this.observe(nowMs)
    this.inFlight -= 1
    if (waiter.line === 'apply') this.appliesInFlight -= 1
    if (serviceMs !== null) this.learn(waiter.className, serviceMs)
    return this.admitWaiting(nowMs)
  }

  /** Sheds whoever can no longer be answered in time. To be called several times a second. */
  sweep(nowMs: number): Settled<W>[] {
    const settled: Settled<W>[] = []
    for (const waiter of this.line.takeWhere((one) => this.isHopeless(one, nowMs)))
      shed(settled, waiter, 'deadline-passed')
    return settled
  }

  load(nowMs: number): GateLoad {
    this.observe(nowMs)
    return {
      inFlight: this.inFlight,
      queued: this.line.size,
      pressing: this.line.pressing,
      limit: this.rules.maxInFlight,
      utilisationRatio: this.utilisation,
    }
  }

  /** How long those who wait now will keep the slots busy: the base of a `Retry-After`. */
  drainMs(): number {
    return (this.line.size * this.meanServiceMs) / this.rules.maxInFlight
  }

  private admitWaiting(nowMs: number): Settled<W>[] {
    const settled: Settled<W>[] = []
    while (this.inFlight < this.rules.maxInFlight) {
      const waiter = this.line.takeNext(nowMs, this.isApplysTurn())
      if (waiter === undefined) break
      if (this.isHopeless(waiter, nowMs)) {
        shed(settled, waiter, 'deadline-passed')
        continue
      }
      this.pass(waiter, nowMs)
      this.wasLastApply = waiter.line === 'apply'
      settled.push({ kind: 'admitted', waiter, waitedMs: nowMs - waiter.arrivedAtMs })
    }
    return settled
  }

  /** Of two lines that wait, applies go first up to their share, never twice in a row. */
  private isApplysTurn(): 'apply' | 'people' {
    const share = Math.max(1, Math.floor(this.rules.maxInFlight * this.rules.applyShareRatio))
    return this.appliesInFlight < share && !this.wasLastApply ? 'apply' : 'people'
  }

  /** The estimate counts for half of the time at most: a bad one must not shed who just came. */
  private isHopeless(waiter: W, nowMs: number): boolean {
    const half = (waiter.deadlineAtMs - waiter.arrivedAtMs) / 2
    const expectedMs = Math.min(this.serviceMs.get(waiter.className) ?? 0, half)
    return nowMs + expectedMs > waiter.deadlineAtMs || nowMs >= waiter.deadlineAtMs
  }

  private learn(className: string, serviceMs: number): void {
    const known = this.serviceMs.get(className) ?? serviceMs
    this.serviceMs.set(className, known + serviceWeightRatio * (serviceMs - known))
    this.meanServiceMs += serviceWeightRatio * (serviceMs - this.meanServiceMs)
  }

  /** Brings the average up to `nowMs`, before whatever it averages changes. */
  private observe(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.utilisationAtMs)
    const current = this.inFlight / this.rules.maxInFlight
    this.utilisation = current + (this.utilisation - current) * Math.exp(-elapsedMs / utilisationMs)
    this.utilisationAtMs += elapsedMs
  }
}

function shed<W extends Waiter>(
  settled: Settled<W>[],
  waiter: W | undefined,
  reason: 'gate-full' | 'deadline-passed',
): void {
  if (waiter !== undefined) settled.push({ kind: 'shed', waiter, reason })
}
