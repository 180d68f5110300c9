import type { Priority } from '../policy/policy.ts'
import { SchoolLines, type Sharer } from './school-lines.ts'

/** One request before the gate. Its object is its identity: use one per request. */
export interface Waiter {
  /** `apply`: an absorbed write coming back; those have a line of their own. */
  readonly line: Priority | 'apply'
  /** Route class; service times are learnt for each. */
  readonly className: string
  /** Empty when nobody said whose request it is. */
  readonly school: string
  readonly user: string
  readonly arrivedAtMs: number
  /** From here on nobody wants the answer. */
  readonly deadlineAtMs: number
}

/** A waiter and where it stands. */
export interface Entry<W extends Waiter> extends Sharer {
  readonly waiter: W
  /** `risen`: shed too often to be left behind once more. */
  readonly lane: Priority | 'apply' | 'risen'
  /** Its school had its share: it goes after everybody whose school has not. */
  readonly isBeyond: boolean
}

const priorities = 7
/** Telemetry and bulk wait in the gaps that others leave; a line of them is no sign of pressure. */
export const firstDeferrable: Priority = 5
/** Beyond this share of its time spent waiting, who came last has the better chance. */
const lateShareRatio = 0.25

/** Of several kinds that wait, the one whose turn it is. */
export type Turn = 'apply' | 'risen' | 'people'

/**
 * Who waits for a slot: a line for each priority, shared by schools, the same again for what goes
 * beyond a school's share, one line for those who were shed too often and one for applies. Among
 * equals first come, first served, until the head of a line has waited a quarter of its time: then
 * last come, first served, because under overload a line in order would serve everybody late
 * (adaptive LIFO, "Fail at Scale").
 */
export class WaitingLine<W extends Waiter> {
  /** Each priority within the share of its school, then each beyond. */
  private readonly lanes = Array.from(
    { length: 2 * priorities },
    // Whoever is within the share of their school waits their turn: a page is twenty requests, and
    // one that stood back for each school that had less would always be late.
    (_, i) => new SchoolLines<Entry<W>>(i < priorities ? 'arrival' : 'share'),
  )
  private readonly risenLane: Entry<W>[] = []
  private readonly applyLane: Entry<W>[] = []
  private count = 0

  get size(): number {
    return this.count + this.applyLane.length
  }

  /** Requests that somebody is looking at: not the applies, nor the two classes that go first. */
  get pressing(): number {
    return this.lanes.reduce(
      (sum, lane, i) => (i % priorities < firstDeferrable ? sum + lane.size : sum),
      this.risenLane.length,
    )
  }

  /** Everybody but the applies. */
  get people(): number {
    return this.count
  }

  get risen(): number {
    return this.risenLane.length
  }

  get applies(): number {
    return this.applyLane.length
  }

  push(entry: Entry<W>): void {
    if (entry.lane === 'apply') this.applyLane.push(entry)
    else {
      if (entry.lane === 'risen') this.risenLane.push(entry)
      else this.laneOf(entry.lane, entry).push(entry)
      this.count += 1
    }
  }

  /** The one to serve next; `turn` decides when several kinds wait. */
  takeNext(nowMs: number, turn: Turn): Entry<W> | undefined {
    if (this.applyLane.length > 0 && (turn === 'apply' || this.count === 0))
      return this.applyLane.shift()
    const lane = this.lanes.find((one) => one.size > 0)
    const isRisensTurn = this.risenLane.length > 0 && (turn === 'risen' || lane === undefined)
    const entry = isRisensTurn
      ? this.risenLane.shift()
      : lane?.takeNext((head) => isLate(head, nowMs))
    if (entry !== undefined) this.count -= 1
    return entry
  }

  /** Who would be served last of all people: the one to shed when the line is too long. */
  takeWorst(): Entry<W> | undefined {
    const lane = this.lanes.findLast((one) => one.size > 0)
    const entry = lane?.takeWorst() ?? this.risenLane.pop()
    if (entry !== undefined) this.count -= 1
    return entry
  }

  takeNewestApply(): Entry<W> | undefined {
    return this.applyLane.pop()
  }

  /** True if it was waiting. */
  remove(entry: Entry<W>): boolean {
    if (entry.lane === 'apply') return removeFrom(this.applyLane, entry)
    const wasThere =
      entry.lane === 'risen'
        ? removeFrom(this.risenLane, entry)
        : this.laneOf(entry.lane, entry).remove(entry)
    if (wasThere) this.count -= 1
    return wasThere
  }

  /** Takes everybody out for whom `isOver` holds. O(waiting). */
  takeWhere(isOver: (entry: Entry<W>) => boolean): Entry<W>[] {
    const taken: Entry<W>[] = []
    for (const line of [...this.lanes, this.risenLane, this.applyLane])
      for (const entry of line) if (isOver(entry)) taken.push(entry)
    for (const entry of taken) this.remove(entry)
    return taken
  }

  private laneOf(priority: Priority, { isBeyond }: Entry<W>): SchoolLines<Entry<W>> {
    return this.lanes[priority + (isBeyond ? priorities : 0)] as SchoolLines<Entry<W>>
  }
}

function removeFrom<T>(line: T[], one: T): boolean {
  const index = line.indexOf(one)
  if (index !== -1) line.splice(index, 1)
  return index !== -1
}

function isLate({ waiter }: Entry<Waiter>, nowMs: number): boolean {
  const timeMs = waiter.deadlineAtMs - waiter.arrivedAtMs
  return nowMs - waiter.arrivedAtMs > lateShareRatio * timeMs
}
