import type { WaitingRoomRules } from '../policy/policy.ts'
import { admissionsPerSecond, type GateLoad } from './admission-pace.ts'
import { Line } from './line.ts'
import { RecentEntries } from './recent-entries.ts'
import { Turnstile } from './turnstile.ts'
import { PeopleInside } from './people-inside.ts'

/** What becomes of somebody who asks to enter. */
export type Entry =
  | { readonly kind: 'admitted'; readonly admission: string }
  | {
      readonly kind: 'waiting'
      /** Null when even the line is full: nothing to come back with. */
      readonly place: { readonly seq: number; readonly device: string } | null
      readonly ahead: number
      readonly estimateMs: number
      /** When to ask again at the earliest; the caller spreads it, up to twice as long. */
      readonly pollMs: number
    }

/** Time constant of the measured outflow: the door opens and closes within seconds. */
const outflowMs = 15_000
/** Admissions that nobody took are kept this long. */
const keptSeconds = 0.7
/** Until measured otherwise: everybody inside leaves within ten minutes. */
const slowestTurnoverMs = 600_000
const estimateMaxMs = 3_600_000
/**
 * Spread up to twice, people ask about eight times during their wait: an open door is noticed
 * soon, and those who left are known to have. All together they ask a thousand times a second at
 * most; an answer is made from memory.
 */
const pollsPerWait = 12
const pollMinMs = 1_000
const pollMaxMs = 1_500
const pollsPerSecondMax = 1_000
/** Weight of the newest offer in the share of offers that are taken, and what is never undercut. */
const takenWeight = 0.05
const takenRatioMin = 0.3

/**
 * The door for new sessions. Nobody waits while there is room and nobody is ahead; otherwise people
 * enter in order of arrival, as fast as the ceiling and those who leave allow. Time is monotonic
 * and passed in. A step is O(1), a tick O(line).
 */
export class Room {
  private readonly line = new Line()
  private readonly inside = new PeopleInside()
  private ceiling: number
  private admittedSinceTick = 0
  /** Share of the offers that somebody takes; the others left without a word. */
  private takenRatio = 1
  private outflowPerMs = 0
  private readonly entries = new RecentEntries()
  private readonly turnstile = new Turnstile()
  private tickedAtMs: number | null = null

  constructor(rules: WaitingRoomRules) {
    this.ceiling = rules.minInside
  }

  /** `device` is fresh and unguessable: it becomes the place's, or the admission, if one is given. */
  enter(
    ticket: { readonly seq: number; readonly device: string } | null,
    device: string,
    nowMs: number,
  ): Entry {
    // A reload while the first answer is on its way must not cost the place: same admission again.
    if (ticket !== null && this.inside.isReserved(ticket.device))
      return { kind: 'admitted', admission: ticket.device }
    const known = ticket === null ? null : this.line.comeBack(ticket, nowMs)
    if (known !== null && known.offeredAtMs !== null && this.turnstile.pass(nowMs)) {
      this.line.take(known)
      this.learn(1)
      return this.admit(known.device, nowMs)
    }
    if (known === null && this.line.waiting === 0 && this.free() >= 1)
      return this.admit(device, nowMs)
    const place = known ?? this.line.join(device, nowMs)
    const ahead = place?.ahead ?? this.line.waiting
    const estimateMs = this.estimateMs(ahead)
    const wishedMs = Math.min(pollMaxMs, Math.max(pollMinMs, estimateMs / pollsPerWait))
    const pollMs = Math.max(wishedMs, (this.line.waiting / pollsPerSecondMax) * 1_000)
    if (place !== null) place.pollMs = pollMs
    return { kind: 'waiting', place, ahead, estimateMs, pollMs }
  }

  /** Somebody inside made a request; `admission` only matters at their first one. O(1). */
  seen(session: string, admission: string | null, nowMs: number): void {
    this.inside.seen(session, admission, nowMs)
  }

  isActive(session: string): boolean {
    return this.inside.isActive(session)
  }

  /** A few times a second: forget who left, move the ceiling with the gate, let the next ones in. */
  tick(loads: readonly GateLoad[], rules: WaitingRoomRules, nowMs: number): void {
    this.inside.expire(nowMs, rules.idleSeconds * 1_000)
    for (let untaken = this.line.sweep(nowMs); untaken > 0; untaken -= 1) this.learn(0)
    const elapsedMs = this.tickedAtMs === null ? 0 : Math.max(0, nowMs - this.tickedAtMs)
    this.tickedAtMs = nowMs
    this.entries.add(this.admittedSinceTick, nowMs)
    this.measureOutflow(elapsedMs)
    const enteringPerSecond = this.entries.perSecond(nowMs)
    const perSecond = admissionsPerSecond({ loads, enteringPerSecond, rules })
    this.turnstile.turn(perSecond, nowMs)
    this.moveCeiling(perSecond, rules, elapsedMs)
    this.line.offer(Math.max(0, this.free()), nowMs)
  }

  figures() {
    return {
      active: this.inside.active,
      /** Active, or let in and on the way. */
      inside: this.inside.count,
      ceiling: this.ceiling,
      waiting: this.line.size,
    }
  }

  private admit(admission: string, nowMs: number): Entry {
    this.inside.reserve(admission, nowMs)
    this.admittedSinceTick += 1
    return { kind: 'admitted', admission }
  }

  private free(): number {
    return Math.floor(this.ceiling - this.inside.count - this.expected())
  }

  /** People who will come in on the offers that are open. */
  private expected(): number {
    return this.line.outstanding * this.takenRatio
  }

  /**
   * Who is inside, and on top of them those whom the pace lets in: what it gave and nobody took is
   * kept for a moment only, so that a quiet minute does not become a rush.
   */
  private moveCeiling(perSecond: number, rules: WaitingRoomRules, elapsedMs: number): void {
    const taken = this.inside.count + this.expected()
    const unused = Math.max(0, this.ceiling - taken)
    const credit = Math.min(
      Math.max(1, perSecond * keptSeconds),
      unused + (perSecond * elapsedMs) / 1_000,
    )
    this.ceiling = Math.min(rules.maxInside, Math.max(rules.minInside, taken + credit))
  }

  private learn(taken: 0 | 1): void {
    const next = this.takenRatio + takenWeight * (taken - this.takenRatio)
    this.takenRatio = Math.max(takenRatioMin, next)
  }

  private estimateMs(ahead: number): number {
    const outflow = Math.max(this.outflowPerMs, this.ceiling / slowestTurnoverMs)
    return Math.min(estimateMaxMs, (ahead + 1) / outflow)
  }

  private measureOutflow(elapsedMs: number): void {
    if (elapsedMs === 0) return
    const perMs = this.admittedSinceTick / elapsedMs
    this.outflowPerMs += (1 - Math.exp(-elapsedMs / outflowMs)) * (perMs - this.outflowPerMs)
    this.admittedSinceTick = 0
  }
}
