import type { Priority } from '../policy/policy.ts'

/** One request before the gate. Its object is its identity: use one per request. */
export interface Waiter {
  /** `apply`: an absorbed write coming back; those have a line of their own. */
  readonly line: Priority | 'apply'
  /** Route class; service times are learnt for each. */
  readonly className: string
  readonly arrivedAtMs: number
  /** From here on nobody wants the answer. */
  readonly deadlineAtMs: number
}

const priorities: readonly Priority[] = [0, 1, 2, 3, 4, 5, 6]
/** Telemetry and bulk wait in the gaps that others leave; a line of them is no sign of pressure. */
const firstDeferrable: Priority = 5
/** Beyond this share of its time spent waiting, who came last has the better chance. */
const lateShareRatio = 0.25

/**
 * Who waits for a slot: a line for each priority and one for applies. First come, first served,
 * until the head of a line has waited a quarter of its time: then last come, first served,
 * because under overload a line in order would serve everybody late (adaptive LIFO, "Fail at Scale").
 */
export class WaitingLine<W extends Waiter> {
  private readonly lanes: readonly W[][] = priorities.map(() => [])
  private readonly applyLane: W[] = []
  private count = 0

  get size(): number {
    return this.count + this.applyLane.length
  }

  /** Requests that somebody is looking at: not the applies, nor the two classes that go first. */
  get pressing(): number {
    return this.lanes.slice(0, firstDeferrable).reduce((sum, lane) => sum + lane.length, 0)
  }

  /** Everybody but the applies. */
  get people(): number {
    return this.count
  }

  get applies(): number {
    return this.applyLane.length
  }

  push(waiter: W): void {
    this.laneOf(waiter).push(waiter)
    if (waiter.line !== 'apply') this.count += 1
  }

  /** The one to serve next; `turn` decides when both people and applies wait. */
  takeNext(nowMs: number, turn: 'apply' | 'people'): W | undefined {
    if (this.applyLane.length > 0 && (turn === 'apply' || this.count === 0))
      return this.applyLane.shift()
    const lane = this.lanes.find((one) => one.length > 0)
    const head = lane?.[0]
    if (lane === undefined || head === undefined) return undefined
    this.count -= 1
    return isLate(head, nowMs) ? lane.pop() : lane.shift()
  }

  /** The newest of the worst priority that waits: the one to shed when the line is full. */
  takeWorst(): W | undefined {
    const lane = this.lanes.findLast((one) => one.length > 0)
    if (lane !== undefined) this.count -= 1
    return lane?.pop()
  }

  takeNewestApply(): W | undefined {
    return this.applyLane.pop()
  }

  /** True if it was waiting. */
  remove(waiter: W): boolean {
    const lane = this.laneOf(waiter)
    const index = lane.indexOf(waiter)
    if (index === -1) return false
    lane.splice(index, 1)
    if (waiter.line !== 'apply') this.count -= 1
    return true
  }

  /** Takes everybody out for whom `isOver` holds. */
  takeWhere(isOver: (waiter: W) => boolean): W[] {
    const taken = [...this.lanes, this.applyLane].flatMap((lane) => lane.filter(isOver))
    for (const waiter of taken) this.remove(waiter)
    return taken
  }

  private laneOf(waiter: W): W[] {
    return waiter.line === 'apply' ? this.applyLane : (this.lanes[waiter.line] as W[])
  }
}

function isLate(head: Waiter, nowMs: number): boolean {
  const timeMs = head.deadlineAtMs - head.arrivedAtMs
  return nowMs - head.arrivedAtMs > lateShareRatio * timeMs
}
