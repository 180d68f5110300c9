import type { Clock } from '../../core/clock.ts'
import type { Answer, ClientPresence, Exchange, Next } from '../exchange.ts'
import type { GatewayMeter } from '../metrics.ts'
import type { Stages } from '../pipeline.ts'
import type { GateRules } from '../policy/policy.ts'
import { turnAway } from '../turned-away.ts'
import { Gate, type GateLoad, type Settled } from './gate.ts'
import { type BodyEnd, watchBody } from './held-body.ts'
import type { Waiter } from './waiting-line.ts'

/** How often those whose time is over are looked for. */
const sweepEveryMs = 100
/** No turned-away request is asked to come back later than this. */
const retryAfterMaxSeconds = 60

interface PendingRequest extends Waiter {
  settle: (end: Ending) => void
  /** When it got its slot. */
  sentAtMs: number
}

type Ending =
  | { readonly kind: 'admitted'; readonly waitedMs: number }
  | { readonly kind: 'shed'; readonly reason: 'gate-full' | 'deadline-passed' }
  | { readonly kind: 'left' }

interface AdmissionParts {
  readonly stage: Stages['admission']
  /** How busy the gate is, for whoever decides on new arrivals. O(1). */
  readonly load: () => GateLoad
  readonly close: () => void
}

/**
 * The gate before the origin: a slot is held from before the request is sent until the answer's
 * body has ended, failed or been cancelled.
 */
export function buildAdmissionStage(deps: {
  readonly clock: Clock
  readonly meter: GatewayMeter
  /** Until the first request brings the policy in force. */
  readonly rules: GateRules
}): AdmissionParts {
  const desk = gateDesk(deps)
  const sweeping = setInterval(() => desk.sweep(), sweepEveryMs).unref()
  const stage = async (exchange: Exchange, next: Next): Promise<Answer> => {
    desk.follow(exchange.policy.gate)
    const request = pendingRequest(exchange, deps.clock.monotonicMs())
    if (exchange.policy.stages.admission === 'off') {
      desk.pass(request)
      return holdSlot(
        () => next(exchange),
        (end) => desk.release(request, end),
      )
    }
    const end = await desk.wait(request, exchange.request.presence)
    switch (end.kind) {
      case 'admitted':
        exchange.admission = { queuedMs: end.waitedMs }
        deps.meter.observe('ecluse_gate_wait_seconds', {}, end.waitedMs / 1_000)
        return holdSlot(
          () => next(exchange),
          (bodyEnd) => desk.release(request, bodyEnd),
        )
      case 'shed':
        return turnAway(exchange, end.reason, { retryAfterSeconds: desk.retryAfterSeconds() })
      case 'left':
        return { status: 503, headers: [], body: null, outcome: { kind: 'abandoned' } }
    }
  }
  return { stage, load: desk.load, close: () => clearInterval(sweeping) }
}

/** Carries requests to the gate, and its decisions back to them. */
function gateDesk(deps: {
  readonly clock: Clock
  readonly meter: GatewayMeter
  readonly rules: GateRules
}) {
  const gate = new Gate<PendingRequest>(deps.rules)
  let rules = deps.rules
  const act = (settled: readonly Settled<PendingRequest>[], nowMs: number): void => {
    for (const one of settled) {
      if (one.kind === 'admitted') one.waiter.sentAtMs = nowMs
      one.waiter.settle(one)
    }
    const { inFlight, queued } = gate.load(nowMs)
    deps.meter.set('ecluse_gate_in_flight', {}, inFlight)
    deps.meter.set('ecluse_gate_queued', {}, queued)
  }
  return {
    follow(newest: GateRules): void {
      if (newest === rules) return
      rules = newest
      const nowMs = deps.clock.monotonicMs()
      act(gate.setRules(rules, nowMs), nowMs)
    },
    pass(request: PendingRequest): void {
      gate.pass(request, request.arrivedAtMs)
      act([], request.arrivedAtMs)
    },
    wait(request: PendingRequest, presence: ClientPresence): Promise<Ending> {
      return new Promise((resolve) => {
        request.settle = resolve
        act(gate.arrive(request, request.arrivedAtMs), request.arrivedAtMs)
        presence.onGone(() => {
          if (!gate.leave(request)) return
          act([], deps.clock.monotonicMs())
          resolve({ kind: 'left' })
        })
      })
    },
    release(request: PendingRequest, end: BodyEnd): void {
      const nowMs = deps.clock.monotonicMs()
      // An answer cut short says nothing about how long the origin takes.
      act(gate.release(request, nowMs, end === 'ended' ? nowMs - request.sentAtMs : null), nowMs)
    },
    sweep(): void {
      const nowMs = deps.clock.monotonicMs()
      const settled = gate.sweep(nowMs)
      if (settled.length > 0) act(settled, nowMs)
    },
    load: (): GateLoad => gate.load(deps.clock.monotonicMs()),
    retryAfterSeconds: (): number =>
      Math.min(retryAfterMaxSeconds, Math.max(1, Math.ceil(gate.drainMs() / 1_000))),
  }
}

/** Runs what follows and calls `release` exactly once, when the slot is really free. */
async function holdSlot(
  send: () => Promise<Answer>,
  release: (end: BodyEnd) => void,
): Promise<Answer> {
  let answer: Answer
  try {
    answer = await send()
  } catch (error) {
    release('failed')
    throw error
  }
  if (answer.body === null || answer.body instanceof Uint8Array) {
    // A status without a body took the origin's time too; our own refusals did not.
    release(answer.outcome.kind === 'served' ? 'ended' : 'failed')
    return answer
  }
  return { ...answer, body: watchBody(answer.body, release) }
}

function pendingRequest(exchange: Exchange, nowMs: number): PendingRequest {
  const { routeClass } = exchange.routing
  return {
    line: exchange.origin === 'apply' ? 'apply' : routeClass.priority,
    className: routeClass.name,
    arrivedAtMs: nowMs,
    deadlineAtMs: exchange.startedAtMs + routeClass.deadlineMs,
    settle: () => undefined,
    sentAtMs: nowMs,
  }
}
