/** How one request ended, as far as the portal can know. */
export type RequestEnd =
  | {
      readonly kind: 'delivered'
      readonly status: number
      /** Database time of a correct answer on an idle portal; 0 for an answer that helped nobody. */
      readonly usefulMs: number
    }
  /** Delivered after the moment until which its client wanted it. */
  | { readonly kind: 'late'; readonly status: number }
  /** The client's connection closed before the answer was written. */
  | { readonly kind: 'gone' }

/** What one phase of a rehearsal cost the portal; database slots are the pool. */
export interface PhaseStatistics {
  seconds: number
  poolSecondsHad: number
  poolSecondsBusy: number
  poolSecondsUseful: number
  /** Requests ended in this phase: the sum of `byStatus` plus `clientGone`. */
  requests: number
  byStatus: Record<string, number>
  servedLate: number
  clientGone: number
}

/** Books of the portal, one page per phase name; a phase named again is continued. */
export class PhaseAccounts {
  private readonly phases = new Map<string, PhaseStatistics>()
  private readonly databaseSlots: number
  private currentName = 'start'
  private current = newPhase()
  private busySlots = 0
  private settledAtMs: number
  private inFlightCount = 0

  constructor(databaseSlots: number, nowMs: number) {
    this.databaseSlots = databaseSlots
    this.settledAtMs = nowMs
    this.phases.set(this.currentName, this.current)
  }

  get phase(): string {
    return this.currentName
  }

  get inFlight(): number {
    return this.inFlightCount
  }

  startPhase(name: string, nowMs: number): void {
    this.settle(nowMs)
    this.currentName = name
    this.current = this.phases.get(name) ?? newPhase()
    this.phases.set(name, this.current)
  }

  databaseBusy(slots: number, nowMs: number): void {
    this.settle(nowMs)
    this.busySlots = slots
  }

  arrived(): void {
    this.inFlightCount += 1
  }

  ended(end: RequestEnd): void {
    this.inFlightCount -= 1
    this.current.requests += 1
    if (end.kind === 'gone') {
      this.current.clientGone += 1
      return
    }
    const { byStatus } = this.current
    byStatus[end.status] = (byStatus[end.status] ?? 0) + 1
    if (end.kind === 'late') this.current.servedLate += 1
    else this.current.poolSecondsUseful += end.usefulMs / 1000
  }

  /** Every phase up to now. */
  snapshot(nowMs: number): Readonly<Record<string, PhaseStatistics>> {
    this.settle(nowMs)
    return Object.fromEntries(this.phases)
  }

  private settle(nowMs: number): void {
    const seconds = Math.max(0, nowMs - this.settledAtMs) / 1000
    this.settledAtMs = nowMs
    this.current.seconds += seconds
    this.current.poolSecondsHad += seconds * this.databaseSlots
    this.current.poolSecondsBusy += seconds * this.busySlots
  }
}

function newPhase(): PhaseStatistics {
  return {
    seconds: 0,
    poolSecondsHad: 0,
    poolSecondsBusy: 0,
    poolSecondsUseful: 0,
    requests: 0,
    byStatus: {},
    servedLate: 0,
    clientGone: 0,
  }
}
