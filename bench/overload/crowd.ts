import { exponential, weightedIndex } from '../../core/distributions.ts'
import type { RandomStream } from '../../core/random.ts'
import type { Priority } from '../../gateway/policy/policy.ts'
import type { Timeline } from './event-queue.ts'
import type { Work } from './simulated-origin.ts'

/** A kind of request: what it costs, how much it matters, how often it is asked for. */
export interface RequestKind extends Work {
  readonly name: string
  readonly priority: Priority
  readonly deadlineMs: number
  /** Share of all requests. */
  readonly share: number
}

const kind = (
  name: string,
  priority: Priority,
  cost: readonly [workerMs: number, databaseMs: number, share: number],
): RequestKind => {
  const [workerMs, databaseMs, share] = cost
  return { name, priority, deadlineMs: 5_000, workerMs, databaseMs, share }
}

/**
 * A portal's requests by class, with the costs of `loadtest/stand-in/service-model.ts`. At ten
 * times the load, what people save (P0, P1) asks for a third of the capacity.
 */
export const portalKinds: readonly RequestKind[] = [
  kind('hand-in', 0, [15, 120, 0.01]),
  kind('publish', 1, [15, 110, 0.02]),
  kind('own-data', 2, [15, 120, 0.45]),
  kind('counters', 3, [15, 60, 0.2]),
  kind('strict-list', 4, [15, 140, 0.2]),
  kind('export', 5, [30, 600, 0.02]),
  kind('telemetry', 6, [5, 20, 0.1]),
]

/** The same with one priority for all: what priorities are worth. */
export const portalKindsAlike: readonly RequestKind[] = portalKinds.map((one) => ({
  ...one,
  priority: 4,
}))

export interface SchoolSize {
  readonly name: string
  readonly pupils: number
  /** What its people ask for beside what others do. */
  readonly demand: number
}

/** One request on its way, as its sender knows it. */
export interface Asking {
  readonly kind: RequestKind
  readonly school: string
  readonly user: string
  readonly attempt: number
  readonly askedAtMs: number
  /** Nobody waits for the answer any more. */
  hasLeft: boolean
}

/** What becomes of a request, as its sender sees it. */
export interface Reply {
  answered(): void
  refused(comeBackMs: number): void
}

/** Where requests go: an origin, or what stands before it. */
export interface Portal {
  ask(asking: Asking, reply: Reply): void
  leave(asking: Asking): void
}

interface People {
  readonly schools: readonly SchoolSize[]
  readonly kinds: readonly RequestKind[]
  /** Who is told to come back does so with this chance, three times in all. */
  readonly comeBackChance: number
  /** How much longer than usual they wait before they reload or leave. */
  readonly patienceFactor: number
}

/** Reload after this long with this chance; who does not stays to the end of patience. */
const reloadAfterMs = 4_000
const reloadChance = 0.3
const patienceMs = 10_000
const attemptsMax = 3

/**
 * People who ask whether or not they are answered (an open loop), and who are impatient: they
 * reload, come back when told to, and leave.
 */
export class Crowd {
  private readonly world: { readonly events: Timeline; readonly random: RandomStream }
  private readonly portal: Portal
  private readonly comeBackChance: number
  private readonly patienceFactor: number
  private readonly schools: readonly SchoolSize[]
  private readonly kinds: readonly RequestKind[]
  private readonly schoolWeights: readonly number[]
  private readonly kindWeights: readonly number[]

  constructor(
    world: { readonly events: Timeline; readonly random: RandomStream },
    portal: Portal,
    people: People,
  ) {
    this.world = world
    this.portal = portal
    this.comeBackChance = people.comeBackChance
    this.patienceFactor = people.patienceFactor
    this.schools = people.schools
    this.kinds = people.kinds
    this.schoolWeights = this.schools.map(({ pupils, demand }) => pupils * demand)
    this.kindWeights = this.kinds.map(({ share }) => share)
  }

  /** Requests keep coming at `perSecond(now)` until `endMs`; 0 is looked at again in 100 ms. */
  arriveUntil(endMs: number, perSecond: (nowMs: number) => number): void {
    const { events, random } = this.world
    const next = (): void => {
      if (events.nowMs >= endMs) return
      const rate = perSecond(events.nowMs)
      if (rate <= 0) return events.after(100, next)
      events.after(exponential(random, 1_000 / rate), () => {
        this.ask(this.want())
        next()
      })
    }
    next()
  }

  private want(): Asking {
    const { random } = this.world
    const school = this.schools[weightedIndex(random, this.schoolWeights)] as SchoolSize
    const kind = this.kinds[weightedIndex(random, this.kindWeights)] as RequestKind
    const user = String(Math.floor(random.next() * school.pupils))
    return this.asking({ kind, school: school.name, user, attempt: 1 })
  }

  private asking(facts: Pick<Asking, 'kind' | 'school' | 'user' | 'attempt'>): Asking {
    return { ...facts, askedAtMs: this.world.events.nowMs, hasLeft: false }
  }

  private ask(asking: Asking): void {
    const { events, random } = this.world
    let isSettled = false
    this.portal.ask(asking, {
      answered: () => {
        isSettled = true
      },
      refused: (comeBackMs) => {
        isSettled = true
        if (asking.attempt >= attemptsMax || random.next() >= this.comeBackChance) return
        const inMs = comeBackMs * (1 + random.next())
        events.after(inMs, () => this.again(asking))
      },
    })
    if (isSettled) return
    const leave = (): void => {
      if (isSettled) return
      asking.hasLeft = true
      this.portal.leave(asking)
    }
    const mayReload = asking.attempt < attemptsMax && random.next() < reloadChance
    const staysMs = mayReload ? reloadAfterMs : patienceMs
    events.after(staysMs * this.patienceFactor, () => {
      if (isSettled) return
      leave()
      if (mayReload) this.again(asking)
    })
  }

  private again({ kind, school, user, attempt }: Asking): void {
    this.ask(this.asking({ kind, school, user, attempt: attempt + 1 }))
  }
}
