import type { GateRules } from '../policy/policy.ts'
import {
  firstLimit,
  type LimitBounds,
  type LimitState,
  nextLimit,
  quietLimit,
  windowMaxMs,
  windowMinMs,
  windowSamples,
} from './concurrency-limit.ts'
import { ServiceTimes } from './service-times.ts'

/** How a request that held a slot ended. */
export type SlotEnd =
  /** The origin answered. */
  | 'answered'
  /** The origin said or showed that it has too much to do: 503, or no answer in time. */
  | 'overloaded'
  /** The client left before the end; the origin took at least so long. */
  | 'cut'
  /** Says nothing about how long the origin takes. */
  | 'failed'

export interface SlotUse {
  readonly className: string
  readonly serviceMs: number
  readonly end: SlotEnd
  readonly isLate: boolean
  /** Had the origin time to spare when it was sent? */
  readonly isQuiet: boolean
}

/** What the gate asks of whatever finds its limit. */
export interface ConcurrencyControl {
  readonly times: ServiceTimes
  /** Requests that may be with the origin at once; a whole number, at least 1. */
  readonly limit: number
  /** How much longer than usual the origin takes, or null while nobody knows. */
  readonly slowness: number | null
  /** Does the origin have time to spare with so many requests? Then what it takes is its usual. */
  isQuiet(inFlight: number): boolean
  setRules(rules: GateRules): void
  /** `inFlight` slots were held for the last `elapsedMs`. */
  held(inFlight: number, elapsedMs: number): void
  /** A slot comes free. */
  ended(use: SlotUse, nowMs: number): void
}

/**
 * Gathers what the gate sees, and moves its limit when a window is full. With fixed rules it only
 * learns. Time is monotonic and passed in.
 */
export class AdaptiveLimit implements ConcurrencyControl {
  readonly times = new ServiceTimes()
  private rules: GateRules
  private state: LimitState
  private window: OpenWindow

  constructor(rules: GateRules, pinnedMs: Readonly<Record<string, number>> = {}) {
    this.rules = rules
    this.times.pin(pinnedMs)
    this.state = firstLimit(boundsOf(rules))
    this.window = emptyWindow()
  }

  get limit(): number {
    if (this.rules.limit === 'fixed') return this.rules.maxInFlight
    return Math.max(1, Math.floor(this.state.limit))
  }

  get slowness(): number | null {
    const { slownessLog } = this.state
    return slownessLog === null ? null : Math.exp(slownessLog)
  }

  isQuiet(inFlight: number): boolean {
    return inFlight <= quietLimit(this.state, boundsOf(this.rules))
  }

  setRules(rules: GateRules): void {
    this.rules = rules
    const { min, max } = boundsOf(rules)
    this.state = { ...this.state, limit: Math.min(max, Math.max(min, this.state.limit)) }
  }

  held(inFlight: number, elapsedMs: number): void {
    this.window.heldMs += inFlight * elapsedMs
    if (inFlight > this.window.peak) this.window.peak = inFlight
    this.window.durationMs += elapsedMs
  }

  ended(use: SlotUse, nowMs: number): void {
    const { window, times } = this
    window.ended += 1
    if (use.isLate || use.end === 'overloaded') window.late += 1
    const usualMs = times.baselineMs(use.className)
    // Who left early says nothing; who left after longer than usual says at least that much.
    const isTelling =
      use.end === 'answered' || (use.end === 'cut' && use.serviceMs > (usualMs ?? 0))
    if (isTelling) {
      window.samples += 1
      if (usualMs !== null) compare(window, use.serviceMs, usualMs)
      times.note(use.className, use.serviceMs, nowMs)
      if (usualMs === null && this.slowness !== null)
        times.learn(use.className, use.serviceMs, { atMs: nowMs, slowness: this.slowness })
      // Whether the origin had time all along is known at the end of the window. Judged one by
      // one, the first seconds of a rush would keep the short ones and forget the long.
      if (use.isQuiet && window.quiet.length < quietMax) window.quiet.push(use)
    }
    if (isOver(window)) this.step(nowMs)
  }

  private step(nowMs: number): void {
    const { window } = this
    if (this.isQuiet(window.peak))
      for (const { className, serviceMs } of window.quiet)
        this.times.learn(className, serviceMs, { atMs: nowMs, slowness: 1 })
    this.window = emptyWindow()
    this.state = nextLimit(
      this.state,
      {
        ended: window.ended,
        slowness: window.weight === 0 ? null : Math.exp(window.logSum / window.weight),
        lateRatio: window.late / window.ended,
        heldRatio: window.heldMs / window.durationMs / this.limit,
        peakRatio: window.peak / this.limit,
        workPerSecond: (window.workMs / window.durationMs) * 1_000,
      },
      boundsOf(this.rules),
    )
  }
}

/** Enough of them to learn from in one window. */
const quietMax = 500

interface OpenWindow {
  durationMs: number
  heldMs: number
  /** Most slots held at once. */
  peak: number
  ended: number
  late: number
  samples: number
  /** Sum of weighted logarithms of the slowness, and of the weights. */
  logSum: number
  weight: number
  workMs: number
  /** Of those sent while the origin had time to spare. */
  readonly quiet: SlotUse[]
}

function emptyWindow(): OpenWindow {
  return {
    durationMs: 0,
    heldMs: 0,
    peak: 0,
    ended: 0,
    late: 0,
    samples: 0,
    logSum: 0,
    weight: 0,
    workMs: 0,
    quiet: [],
  }
}

/**
 * Each request beside its own class, so that a change of the mix is no change of the origin. What
 * takes longer counts for more, as it holds slots for longer; by the root, so that one export does
 * not outvote a hundred pages.
 */
function compare(window: OpenWindow, serviceMs: number, usualMs: number): void {
  const weight = Math.sqrt(usualMs)
  window.logSum += weight * Math.log(Math.max(serviceMs, 0.1) / usualMs)
  window.weight += weight
  window.workMs += usualMs
}

function isOver({ durationMs, samples }: OpenWindow): boolean {
  if (durationMs < windowMinMs) return false
  return samples >= windowSamples || durationMs >= windowMaxMs
}

function boundsOf(rules: GateRules): LimitBounds {
  return { min: rules.minInFlight, max: rules.maxInFlight }
}
