import { LatencyHistogram } from '../../core/latency-histogram.ts'
import { randomStream } from '../../core/random.ts'
import type { ConcurrencyControl } from '../../gateway/admission/adaptive-limit.ts'
import type { GateRules } from '../../gateway/policy/policy.ts'
import type { Faults } from '../../loadtest/stand-in/faults.ts'
import { type Asking, Crowd, portalKinds, type RequestKind, type SchoolSize } from './crowd.ts'
import { EventQueue } from './event-queue.ts'
import { barePortal, GatedPortal, type Ledger } from './gated-portal.ts'
import { originOf, SimulatedOrigin } from './simulated-origin.ts'

export interface OverloadPlan {
  readonly seed: number
  readonly databaseSlots: number
  readonly durationMs: number
  /** Requests offered at a time, as a multiple of what the origin can do. */
  readonly load: (nowMs: number) => number
  /** Null: nothing stands before the origin. */
  readonly gate: GateRules | null
  /** Another way to find the limit than the gate's own. */
  readonly control?: ((rules: GateRules) => ConcurrencyControl) | undefined
  /** Of those who are turned away; 0.5 unless told. */
  readonly comeBackChance?: number
  /** How much longer than usual people wait before they reload or leave. */
  readonly patienceFactor?: number
  /** False: the gate is not told who belongs to which school. */
  readonly knowsSchools?: boolean
  readonly kinds?: readonly RequestKind[]
  readonly schools?: readonly SchoolSize[]
  readonly faults?: readonly { readonly atMs: number; readonly change: Partial<Faults> }[]
}

/** What was seen of one kind or one school; first attempts only, so that reloads weigh nothing. */
export interface Tally {
  asked: number
  served: number
}

/** One second of the run. */
export interface Second {
  /** Nominal database time of answers somebody still wanted, as a share of what there is. */
  goodputRatio: number
  asked: number
  shed: number
  limit: number
  /** By priority, what was asked for and what was shed. */
  readonly admitted: readonly { asked: number; shed: number }[]
}

export interface OverloadRun {
  readonly seconds: readonly Second[]
  readonly byKind: ReadonlyMap<string, Tally>
  readonly bySchool: ReadonlyMap<string, Tally>
  /** Of answers somebody wanted, from the request to the answer. */
  readonly latency: LatencyHistogram
  /** From the request to the refusal. */
  readonly refusal: LatencyHistogram
  readonly received: number
  readonly asked: number
}

/** Requests a second that keep the origin's database exactly busy. */
export function capacityPerSecond(databaseSlots: number, kinds = portalKinds): number {
  const total = kinds.reduce((sum, { share }) => sum + share, 0)
  const meanMs = kinds.reduce((sum, { share, databaseMs }) => sum + share * databaseMs, 0) / total
  return (databaseSlots * 1_000) / meanMs
}

/** What is asked in the last moments has no time to be answered, and is not counted. */
const settleMs = 10_000

/** Plays the plan; equal plans give equal runs. What comes before `countFromMs` is not counted. */
export function playOverload(plan: OverloadPlan, countFromMs = 0): OverloadRun {
  const { kinds = portalKinds, schools = [{ name: 'school', pupils: 20_000, demand: 1 }] } = plan
  const events = new EventQueue()
  const origin = new SimulatedOrigin(originOf(plan.databaseSlots), {
    events,
    random: randomStream(plan.seed, 'origin'),
  })
  const book = new Book(plan.databaseSlots, events, {
    fromMs: countFromMs,
    untilMs: plan.durationMs - settleMs,
  })
  const gated = plan.gate && new GatedPortal({ events, origin, ledger: book }, plan.gate, plan)
  const portal = gated ?? barePortal(origin, book)
  const counted = {
    ask: (asking: Asking, reply: Parameters<typeof portal.ask>[1]) => {
      book.asked(asking)
      portal.ask(asking, reply)
    },
    leave: portal.leave.bind(portal),
  }
  const crowd = new Crowd({ events, random: randomStream(plan.seed, 'crowd') }, counted, {
    schools,
    kinds,
    comeBackChance: plan.comeBackChance ?? 0.5,
    patienceFactor: plan.patienceFactor ?? 1,
  })
  const capacity = capacityPerSecond(plan.databaseSlots, kinds)
  crowd.arriveUntil(plan.durationMs, (nowMs) => capacity * plan.load(nowMs))
  for (const { atMs, change } of plan.faults ?? [])
    events.after(atMs, () => origin.setFaults(change))
  const look = (): void => {
    book.second().limit = gated?.gate.load(events.nowMs).limit ?? 0
    events.after(1_000, look)
  }
  look()
  events.runUntil(plan.durationMs)
  return { ...book.result(), received: origin.received }
}

class Book implements Ledger {
  private readonly seconds: Second[] = []
  private readonly byKind = new Map<string, Tally>()
  private readonly bySchool = new Map<string, Tally>()
  private readonly latency = new LatencyHistogram()
  private readonly refusal = new LatencyHistogram()
  private readonly slotMs: number
  private readonly events: EventQueue
  private readonly counted: { readonly fromMs: number; readonly untilMs: number }
  private total = 0

  constructor(databaseSlots: number, events: EventQueue, counted: Book['counted']) {
    this.slotMs = databaseSlots * 1_000
    this.events = events
    this.counted = counted
  }

  second(): Second {
    const index = Math.floor(this.events.nowMs / 1_000)
    const second = this.seconds[index] ?? emptySecond()
    this.seconds[index] = second
    return second
  }

  asked(asking: Asking): void {
    const second = this.second()
    second.asked += 1
    countIn(second, asking).asked += 1
    this.total += 1
    if (this.isCounted(asking)) for (const tally of this.talliesOf(asking)) tally.asked += 1
  }

  served(asking: Asking, nominalMs: number): void {
    const tookMs = this.events.nowMs - asking.askedAtMs
    if (asking.hasLeft || tookMs > asking.kind.deadlineMs || nominalMs === 0) return
    this.second().goodputRatio += nominalMs / this.slotMs
    if (asking.askedAtMs >= this.counted.fromMs) this.latency.record(tookMs)
    if (this.isCounted(asking)) for (const tally of this.talliesOf(asking)) tally.served += 1
  }

  shed(asking: Asking): void {
    const second = this.second()
    second.shed += 1
    countIn(second, asking).shed += 1
    if (asking.askedAtMs >= this.counted.fromMs)
      this.refusal.record(this.events.nowMs - asking.askedAtMs)
  }

  result(): Omit<OverloadRun, 'received'> {
    const { seconds, byKind, bySchool, latency, refusal } = this
    return { seconds, byKind, bySchool, latency, refusal, asked: this.total }
  }

  private isCounted({ attempt, askedAtMs }: Asking): boolean {
    const { fromMs, untilMs } = this.counted
    return attempt === 1 && askedAtMs >= fromMs && askedAtMs < untilMs
  }

  private talliesOf({ kind, school }: Asking): readonly Tally[] {
    return [tallyOf(this.byKind, kind.name), tallyOf(this.bySchool, school)]
  }
}

function countIn({ admitted }: Second, { kind }: Asking): { asked: number; shed: number } {
  return admitted[kind.priority] as { asked: number; shed: number }
}

function emptySecond(): Second {
  const admitted = Array.from({ length: 7 }, () => ({ asked: 0, shed: 0 }))
  return { goodputRatio: 0, asked: 0, shed: 0, limit: 0, admitted }
}

function tallyOf(tallies: Map<string, Tally>, name: string): Tally {
  let tally = tallies.get(name)
  if (tally === undefined) {
    tally = { asked: 0, served: 0 }
    tallies.set(name, tally)
  }
  return tally
}
