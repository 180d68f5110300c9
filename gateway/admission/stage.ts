import type { Clock } from '../../core/clock.ts'
import type { Answer, ClientPresence, Exchange, Next } from '../exchange.ts'
import type { GatewayMeter } from '../metrics.ts'
import type { Stages } from '../pipeline.ts'
import { type GateRules, type OriginServer, originServers, stageState } from '../policy/policy.ts'
import { turnAway } from '../turned-away.ts'
import { AdaptiveLimit, type SlotEnd } from './adaptive-limit.ts'
import { Gate, type GateLoad, type Settled } from './gate.ts'
import { poolOf, poolRules } from './pools.ts'
import { type BodyEnd, watchBody } from './held-body.ts'
import type { Waiter } from './waiting-line.ts'

/** How often those whose time is over are looked for. */
const sweepEveryMs = 100
/** No turned-away request is asked to come back later than this. */
const retryAfterMaxSeconds = 60

interface PendingRequest extends Waiter {
  settle: (end: Ending) => void
}

type Ending =
  | { readonly kind: 'admitted'; readonly waitedMs: number }
  | { readonly kind: 'shed'; readonly reason: 'gate-full' | 'deadline-passed' }
  | { readonly kind: 'left' }

interface AdmissionParts {
  readonly stage: Stages['admission']
  /** How busy each pool is, for whoever decides on new arrivals; the portal's first. O(1). */
  readonly loads: () => readonly PoolLoad[]
  /** What the gate has learnt about the origin, in the form it can be pinned in, ms by class. */
  readonly baselines: () => Readonly<Record<string, number>>
  readonly close: () => void
}

interface PoolLoad extends GateLoad {
  /** Slot-seconds that one new person takes, where the gate measured it. */
  readonly entrySlotSeconds?: number
}

/** A login is sent, and comes back from the identity provider with a ticket. */
const exchangesPerLogin = 2

/**
 * The gate before the origin: a slot is held from before the request is sent until the answer's
 * body has ended, failed or been cancelled.
 */
export function buildAdmissionStage(deps: {
  readonly clock: Clock
  readonly meter: GatewayMeter
  /** Until the first request brings the policy in force. */
  readonly rules: GateRules
  /** Measured baselines by class, in ms; absent: the gate learns them. */
  readonly pinnedMs?: Readonly<Record<string, number>>
}): AdmissionParts {
  const desks = {
    portal: gateDesk('portal', deps),
    'identity-provider': gateDesk('identity-provider', deps),
  }
  const sweeping = setInterval(() => {
    for (const pool of originServers) desks[pool].sweep()
  }, sweepEveryMs).unref()
  const stage = async (exchange: Exchange, next: Next): Promise<Answer> => {
    const pool = poolOf(exchange.routing.routeClass, exchange.policy.gate)
    const desk = desks[pool]
    desk.follow(exchange.policy.gate)
    const request = pendingRequest(exchange, deps.clock.monotonicMs())
    if (stageState(exchange, 'admission') === 'off') {
      desk.pass(request)
      return holdSlot(() => next(exchange), desk.slotOf(request, exchange))
    }
    const end = await desk.wait(request, exchange.request.presence)
    switch (end.kind) {
      case 'admitted':
        exchange.admission = { queuedMs: end.waitedMs }
        deps.meter.observe('ecluse_gate_wait_seconds', { server: pool }, end.waitedMs / 1_000)
        return holdSlot(() => next(exchange), desk.slotOf(request, exchange))
      case 'shed':
        return turnAway(exchange, end.reason, { retryAfterSeconds: desk.retryAfterSeconds() })
      case 'left':
        return { status: 503, headers: [], body: null, outcome: { kind: 'abandoned' } }
    }
  }
  const logins = desks['identity-provider']
  return {
    stage,
    loads: () => [
      desks.portal.load(),
      { ...logins.load(), entrySlotSeconds: (exchangesPerLogin * logins.meanMs()) / 1_000 },
    ],
    baselines: desks.portal.baselines,
    close: () => clearInterval(sweeping),
  }
}

/** Carries requests to the gate of one pool, and its decisions back to them. */
function gateDesk(
  pool: OriginServer,
  deps: {
    readonly clock: Clock
    readonly meter: GatewayMeter
    readonly rules: GateRules
    readonly pinnedMs?: Readonly<Record<string, number>>
  },
) {
  let { rules } = deps
  const ownRules = poolRules(pool, rules)
  const gate = new Gate<PendingRequest>(ownRules, new AdaptiveLimit(ownRules, deps.pinnedMs))
  const act = (settled: readonly Settled<PendingRequest>[], nowMs: number): void => {
    for (const one of settled) one.waiter.settle(one)
    sayLoad(gate.load(nowMs), pool, deps.meter)
  }
  return {
    follow(newest: GateRules): void {
      if (newest === rules) return
      rules = newest
      const nowMs = deps.clock.monotonicMs()
      act(gate.setRules(poolRules(pool, rules), nowMs), nowMs)
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
    slotOf: (request: PendingRequest, exchange: Exchange): Slot => ({
      method: exchange.request.method,
      answered: () => gate.answered(request, deps.clock.monotonicMs()),
      release: (end) => {
        const nowMs = deps.clock.monotonicMs()
        act(gate.release(request, nowMs, end), nowMs)
      },
    }),
    sweep(): void {
      const nowMs = deps.clock.monotonicMs()
      const settled = gate.sweep(nowMs)
      if (settled.length > 0) act(settled, nowMs)
    },
    load: (): GateLoad => gate.load(deps.clock.monotonicMs()),
    retryAfterSeconds: (): number =>
      Math.min(retryAfterMaxSeconds, Math.max(1, Math.ceil(gate.comeBackMs() / 1_000))),
    baselines: () => gate.baselines(),
    meanMs: () => gate.meanMs,
  }
}

function sayLoad(load: GateLoad, server: OriginServer, meter: GatewayMeter): void {
  meter.set('ecluse_gate_in_flight', { server }, load.inFlight)
  meter.set('ecluse_gate_queued', { server }, load.queued)
  meter.set('ecluse_gate_limit', { server }, load.limit)
  if (load.slowness !== null) meter.set('ecluse_gate_slowness_ratio', { server }, load.slowness)
}

interface Slot {
  readonly method: string
  answered(): void
  release(end: SlotEnd): void
}

/** Runs what follows and gives the slot back exactly once, when it is really free. */
async function holdSlot(send: () => Promise<Answer>, slot: Slot): Promise<Answer> {
  let answer: Answer
  try {
    answer = await send()
  } catch (error) {
    slot.release('failed')
    throw error
  }
  slot.answered()
  const end = slotEnd(answer)
  const { body, status } = answer
  if (body === null || body instanceof Uint8Array) {
    slot.release(end)
    return answer
  }
  // Nobody reads the body of these; dropping it says nothing about the client.
  const isBodiless = slot.method === 'HEAD' || status === 204 || status === 304
  const release = (how: BodyEnd) => slot.release(isBodiless ? end : (bodyEnds[how] ?? end))
  return { ...answer, body: watchBody(body, release) }
}

/** What the time a slot was held for is worth, by what came back. */
function slotEnd({ status, outcome }: Answer): SlotEnd {
  if (outcome.kind === 'abandoned') return 'cut'
  if (status === 503 || status === 504) return 'overloaded'
  // A quick error must not make the origin look fast; our own refusals did not ask it.
  return outcome.kind === 'served' && status < 500 ? 'answered' : 'failed'
}

/** What a body that did not end well changes about it. */
const bodyEnds: Readonly<Record<BodyEnd, SlotEnd | undefined>> = {
  ended: undefined,
  failed: 'failed',
  cancelled: 'cut',
}

function pendingRequest(exchange: Exchange, nowMs: number): PendingRequest {
  const { routeClass } = exchange.routing
  const { principal, sessionKey, clientAddress } = exchange.identity
  return {
    line: lineOf(exchange),
    className: routeClass.name,
    school: principal?.school ?? '',
    user: principal?.user ?? sessionKey ?? clientAddress,
    arrivedAtMs: nowMs,
    deadlineAtMs: exchange.startedAtMs + routeClass.deadlineMs,
    settle: () => undefined,
  }
}

/** Who was inside and has to log in again goes with those who save: they may be writing. */
function lineOf({ origin, routing: { routeClass }, identity }: Exchange): Waiter['line'] {
  if (origin === 'apply') return 'apply'
  const isBack = routeClass.isEntry && identity.principal !== null
  return isBack ? 0 : routeClass.priority
}
