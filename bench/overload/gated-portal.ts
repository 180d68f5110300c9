import type { ConcurrencyControl } from '../../gateway/admission/adaptive-limit.ts'
import { Gate, type Settled } from '../../gateway/admission/gate.ts'
import type { Waiter } from '../../gateway/admission/waiting-line.ts'
import type { GateRules } from '../../gateway/policy/policy.ts'
import type { Asking, Portal, Reply } from './crowd.ts'
import type { EventQueue } from './event-queue.ts'
import type { SimulatedOrigin } from './simulated-origin.ts'

/** Hears what the origin did for whom. */
export interface Ledger {
  served(asking: Asking, nominalMs: number): void
  shed(asking: Asking): void
}

/** The portal alone: everything goes to the origin, which has no way to say no. */
export function barePortal(origin: SimulatedOrigin, ledger: Ledger): Portal {
  return {
    ask: (asking, reply) =>
      origin.serve(asking.kind, (nominalMs) => {
        ledger.served(asking, nominalMs)
        if (!asking.hasLeft) reply.answered()
      }),
    // It goes on working for who has left.
    leave: () => undefined,
  }
}

interface Guest extends Waiter {
  readonly asking: Asking
  readonly reply: Reply
  isSent: boolean
}

interface GateOptions {
  readonly control?: ((rules: GateRules) => ConcurrencyControl) | undefined
  readonly knowsSchools?: boolean
}

/** How often the gate looks for those whose time is over, as in its stage. */
const sweepEveryMs = 100

/** The portal behind the real gate, driven through its functions. */
export class GatedPortal implements Portal {
  readonly gate: Gate<Guest>
  private readonly knowsSchools: boolean
  private readonly guests = new Map<Asking, Guest>()
  private readonly events: EventQueue
  private readonly origin: SimulatedOrigin
  private readonly ledger: Ledger

  constructor(
    world: {
      readonly events: EventQueue
      readonly origin: SimulatedOrigin
      readonly ledger: Ledger
    },
    rules: GateRules,
    { control, knowsSchools = true }: GateOptions,
  ) {
    this.knowsSchools = knowsSchools
    this.events = world.events
    this.origin = world.origin
    this.ledger = world.ledger
    this.gate = new Gate(rules, control?.(rules))
    const sweep = (): void => {
      this.act(this.gate.sweep(this.events.nowMs))
      this.events.after(sweepEveryMs, sweep)
    }
    sweep()
  }

  ask(asking: Asking, reply: Reply): void {
    const guest: Guest = {
      line: asking.kind.priority,
      className: asking.kind.name,
      school: this.knowsSchools ? asking.school : '',
      user: asking.user,
      arrivedAtMs: asking.askedAtMs,
      deadlineAtMs: asking.askedAtMs + asking.kind.deadlineMs,
      asking,
      reply,
      isSent: false,
    }
    this.guests.set(asking, guest)
    this.act(this.gate.arrive(guest, this.events.nowMs))
  }

  /** The edge lets go of the connection; the origin goes on all the same. */
  leave(asking: Asking): void {
    const guest = this.guests.get(asking)
    if (guest === undefined) return
    this.guests.delete(asking)
    if (guest.isSent) this.act(this.gate.release(guest, this.events.nowMs, 'cut'))
    else this.gate.leave(guest)
  }

  private act(settled: readonly Settled<Guest>[]): void {
    for (const end of settled) {
      if (end.kind === 'admitted') this.send(end.waiter)
      else {
        this.guests.delete(end.waiter.asking)
        this.ledger.shed(end.waiter.asking)
        end.waiter.reply.refused(Math.max(1_000, this.gate.comeBackMs()))
      }
    }
  }

  private send(guest: Guest): void {
    guest.isSent = true
    // The edge gives up at the class's deadline, as its upstream stage does.
    let isOver = false
    const over = (end: 'answered' | 'overloaded', nominalMs: number): void => {
      if (isOver) return
      isOver = true
      this.ledger.served(guest.asking, nominalMs)
      if (!this.guests.delete(guest.asking)) return
      this.act(this.gate.release(guest, this.events.nowMs, end))
      if (end === 'answered') guest.reply.answered()
      else guest.reply.refused(1_000)
    }
    this.origin.serve(guest.asking.kind, (nominalMs) => over('answered', nominalMs))
    this.events.after(guest.deadlineAtMs - this.events.nowMs, () => over('overloaded', 0))
  }
}
