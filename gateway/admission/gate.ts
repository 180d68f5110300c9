import type { GateRules } from '../policy/policy.ts'
import { AdaptiveLimit, type ConcurrencyControl, type SlotEnd } from './adaptive-limit.ts'
import { hasRisen, noteShed, noteUse, type Person, usageLevel, UserBook } from './user-book.ts'
import { SchoolShares } from './school-shares.ts'
import { type Entry, firstDeferrable, type Turn, type Waiter, WaitingLine } from './waiting-line.ts'
import { Pressure } from './pressure.ts'
import { StandingLine } from './standing-line.ts'

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
  /** The same, averaged exponentially over about two seconds. */
  readonly pressingMean: number
  readonly limit: number
  /** Share of the slots held, averaged exponentially over about a second; above 1 when unenforced. */
  readonly utilisationRatio: number
  /** How much longer than with time to spare the origin takes; null while nobody knows. */
  readonly slowness: number | null
}

/** One slot in so many goes to those who were shed too often, if any wait. */
const risenEvery = 20
/** Share of the line that they may fill. */
const risenLineRatio = 0.1

/** A request between its arrival and the end of its answer. */
interface Guest<W extends Waiter> extends Entry<W> {
  readonly person: Person
  sentAtMs: number
  /** When the answer began; null before. */
  answeredAtMs: number | null
  isQuiet: boolean
}

/**
 * Bounds what the origin works on at once, and decides who goes next and who is shed. Strict
 * priorities, fair shares for schools within one; a free slot never stays free while somebody
 * waits. Time is passed in and only needs to be monotonic. O(waiting) at worst for a step, and the
 * line is bounded.
 */
export class Gate<W extends Waiter> {
  private rules: GateRules
  private readonly adaptive: ConcurrencyControl
  private readonly line = new WaitingLine<W>()
  private readonly standing = new StandingLine()
  private readonly book = new UserBook()
  private readonly shares = new SchoolShares()
  private readonly guests = new Map<W, Guest<W>>()
  /** Slots of those who left: the origin works on, and their reloads must not pile up in it. */
  private unheard: { readonly guest: Guest<W>; readonly untilMs: number }[] = []
  private inFlight = 0
  private appliesInFlight = 0
  private wasLastApply = false
  private admittedSinceRisen = 0
  private readonly pressure = new Pressure()

  constructor(rules: GateRules, control: ConcurrencyControl = new AdaptiveLimit(rules)) {
    this.rules = rules
    this.adaptive = control
  }

  /** Takes new rules; a larger gate lets people in at once, a smaller one waits for releases. */
  setRules(rules: GateRules, nowMs: number): Settled<W>[] {
    this.observe(nowMs)
    this.rules = rules
    this.adaptive.setRules(rules)
    return this.admitWaiting(nowMs)
  }

  /** The waiter is admitted, waits, or is shed; others may be displaced by it. */
  arrive(waiter: W, nowMs: number): Settled<W>[] {
    this.observe(nowMs)
    this.line.push(this.welcome(waiter, nowMs))
    const settled = this.admitWaiting(nowMs)
    // More applies than slots would only wait to be late; their worker comes back by itself.
    while (this.line.applies > this.adaptive.limit)
      this.shed(settled, this.line.takeNewestApply(), { reason: 'gate-full', nowMs })
    this.trim(settled, nowMs)
    return settled
  }

  /** Counts a request that passes whatever the limit: the gate is observed, not enforced. */
  pass(waiter: W, nowMs: number): void {
    this.observe(nowMs)
    this.send(this.welcome(waiter, nowMs), nowMs)
  }

  /** The waiter's client has gone; true if it was still waiting, which ends its stay. */
  leave(waiter: W): boolean {
    const guest = this.guests.get(waiter)
    if (guest === undefined || !this.line.remove(guest)) return false
    this.guests.delete(waiter)
    return true
  }

  /** The answer begins: what the body takes from here on is the reader's time as well. */
  answered(waiter: W, nowMs: number): void {
    const guest = this.guests.get(waiter)
    if (guest !== undefined) guest.answeredAtMs = nowMs
  }

  /** The client is done, one way or another; `end` says what the time until the answer is worth. */
  release(waiter: W, nowMs: number, end: SlotEnd): Settled<W>[] {
    const guest = this.guests.get(waiter)
    if (guest === undefined) return []
    this.guests.delete(waiter)
    const goesOnUntilMs = guest.sentAtMs + 2 * this.adaptive.times.recentMs(waiter.className)
    if (end === 'cut' && guest.answeredAtMs === null && goesOnUntilMs > nowMs) {
      this.unheard.push({ guest, untilMs: goesOnUntilMs })
      return []
    }
    return this.free(guest, nowMs, end)
  }

  private free(guest: Guest<W>, nowMs: number, end: SlotEnd): Settled<W>[] {
    this.observe(nowMs)
    this.inFlight -= 1
    if (guest.lane === 'apply') this.appliesInFlight -= 1
    const { className, deadlineAtMs } = guest.waiter
    const answeredAtMs = guest.answeredAtMs ?? nowMs
    const serviceMs = Math.max(0, answeredAtMs - guest.sentAtMs)
    const isLate = end !== 'failed' && answeredAtMs > deadlineAtMs
    this.adaptive.ended({ className, serviceMs, end, isLate, isQuiet: guest.isQuiet }, nowMs)
    noteUse(guest.person, Math.max(0, nowMs - guest.sentAtMs), nowMs)
    return this.admitWaiting(nowMs)
  }

  /**
   * Sheds whoever can no longer be answered in time, and frees what the origin went on with for
   * nobody. To be called several times a second.
   */
  sweep(nowMs: number): Settled<W>[] {
    this.observe(nowMs)
    const settled = this.freeUnheard(nowMs)
    for (const guest of this.line.takeWhere((one) => this.isHopeless(one, nowMs)))
      this.shed(settled, guest, { reason: 'deadline-passed', nowMs })
    this.trim(settled, nowMs)
    return settled
  }

  private freeUnheard(nowMs: number): Settled<W>[] {
    const over = this.unheard.filter(({ untilMs }) => untilMs <= nowMs)
    if (over.length === 0) return []
    this.unheard = this.unheard.filter(({ untilMs }) => untilMs > nowMs)
    return over.flatMap(({ guest }) => this.free(guest, nowMs, 'failed'))
  }

  load(nowMs: number): GateLoad {
    this.observe(nowMs)
    return {
      inFlight: this.inFlight,
      queued: this.line.size,
      pressing: this.line.pressing,
      pressingMean: this.pressure.pressingMean,
      limit: this.adaptive.limit,
      utilisationRatio: this.pressure.utilisation,
      slowness: this.adaptive.slowness,
    }
  }

  /** What the origin takes for each class with time to spare, in ms: to be pinned another time. */
  baselines(): Readonly<Record<string, number>> {
    return this.adaptive.times.baselines()
  }

  /** Mean time that a request holds a slot, over the recent ones of all classes. */
  get meanMs(): number {
    return this.adaptive.times.meanMs
  }

  /** When those who are turned away now may come back: the base of a `Retry-After`. */
  comeBackMs(): number {
    const drainMs = (this.line.size * this.adaptive.times.meanMs) / this.adaptive.limit
    return Math.max(drainMs, this.standing.comeBackMs)
  }

  private welcome(waiter: W, nowMs: number): Guest<W> {
    const person = this.book.meet(waiter.school, waiter.user, nowMs)
    this.shares.weigh((school) => this.book.isActive(school), nowMs)
    const weight = this.rules.schoolWeights[waiter.school] ?? person.school.people
    const share = this.shares.of(waiter.school, weight)
    const lane = this.laneOf(waiter, person, nowMs)
    const guest: Guest<W> = {
      waiter,
      person,
      lane,
      share,
      level: usageLevel(person, nowMs),
      arrivedAtMs: waiter.arrivedAtMs,
      costMs: this.adaptive.times.recentMs(waiter.className),
      // What people save is never pushed back for what others of their school do.
      isBeyond: lane !== 0 && this.shares.isBeyond(share, this.adaptive.limit),
      sentAtMs: nowMs,
      answeredAtMs: null,
      isQuiet: false,
    }
    this.guests.set(waiter, guest)
    return guest
  }

  private laneOf({ line }: W, person: Person, nowMs: number): Entry<W>['lane'] {
    // Those who save go before anyhow, and nobody looks at what is deferrable.
    if (line === 'apply' || line <= 1 || line >= firstDeferrable) return line
    const hasRoom = this.line.risen < Math.max(1, this.lineMax() * risenLineRatio)
    return hasRoom && hasRisen(person, nowMs) ? 'risen' : line
  }

  private send(guest: Guest<W>, nowMs: number): void {
    this.inFlight += 1
    if (guest.lane === 'apply') this.appliesInFlight += 1
    this.shares.charge(guest.share, guest.costMs, this.adaptive.limit)
    guest.sentAtMs = nowMs
    guest.isQuiet = this.adaptive.isQuiet(this.inFlight)
  }

  private admitWaiting(nowMs: number): Settled<W>[] {
    const settled: Settled<W>[] = []
    while (this.inFlight < this.adaptive.limit) {
      const guest = this.line.takeNext(nowMs, this.turn()) as Guest<W> | undefined
      if (guest === undefined) break
      if (this.isHopeless(guest, nowMs)) {
        this.shed(settled, guest, { reason: 'deadline-passed', nowMs })
        continue
      }
      this.send(guest, nowMs)
      this.wasLastApply = guest.lane === 'apply'
      this.admittedSinceRisen = guest.lane === 'risen' ? 0 : this.admittedSinceRisen + 1
      this.standing.admitted()
      settled.push({
        kind: 'admitted',
        waiter: guest.waiter,
        waitedMs: nowMs - guest.waiter.arrivedAtMs,
      })
    }
    return settled
  }

  /** Of several kinds that wait, applies go first up to their share, never twice in a row. */
  private turn(): Turn {
    const share = Math.max(1, Math.floor(this.adaptive.limit * this.rules.applyShareRatio))
    const mayApply = this.line.applies > 0 && this.appliesInFlight < share
    if (mayApply && !this.wasLastApply) return 'apply'
    return this.admittedSinceRisen >= risenEvery - 1 ? 'risen' : 'people'
  }

  /**
   * Twice the mean, which nineteen of twenty stay within; it counts for half of the time at most,
   * because a bad estimate must not shed who just came.
   */
  private isHopeless({ waiter }: Entry<W>, nowMs: number): boolean {
    const { arrivedAtMs, deadlineAtMs } = waiter
    const half = (deadlineAtMs - arrivedAtMs) / 2
    const expectedMs = Math.min(2 * this.adaptive.times.recentMs(waiter.className), half)
    return nowMs + expectedMs > deadlineAtMs || nowMs >= deadlineAtMs
  }

  private lineMax(): number {
    return Math.min(this.rules.maxQueued, this.standing.lineMax(this.adaptive.limit))
  }

  private trim(settled: Settled<W>[], nowMs: number): void {
    const max = this.lineMax()
    while (this.line.people > max)
      this.shed(settled, this.line.takeWorst(), { reason: 'gate-full', nowMs })
    this.standing.observe(this.line.people, this.adaptive.limit, nowMs)
  }

  private shed(
    settled: Settled<W>[],
    entry: Entry<W> | undefined,
    why: { readonly reason: 'gate-full' | 'deadline-passed'; readonly nowMs: number },
  ): void {
    if (entry === undefined) return
    const { waiter, person } = entry as Guest<W>
    this.guests.delete(waiter)
    noteShed(person, why.nowMs)
    this.standing.shed()
    settled.push({ kind: 'shed', waiter, reason: why.reason })
  }

  /** Brings the averages up to `nowMs`, before whatever they average changes. */
  private observe(nowMs: number): void {
    const { inFlight, adaptive, line } = this
    const now = { inFlight, limit: adaptive.limit, pressing: line.pressing }
    adaptive.held(inFlight, this.pressure.observe(now, nowMs))
  }
}
