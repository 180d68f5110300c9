import type { LatencyHistogramData } from '../../core/latency-histogram.ts'
import type {
  ArmName,
  BilingualText,
  FidelityLine,
  GeneratorFigures,
  Leaks,
  MultiplierName,
  People,
  Result,
  TimelineRow,
} from './result.ts'
import type { AuditFigures } from './write-audit.ts'

/** Everything a run leaves behind, before it is judged. */
export interface RunEvidence {
  readonly startedAt: string
  readonly scenario: Result['scenario']
  readonly schedule: ScheduleFacts
  readonly limits: SloLimits
  readonly arms: Readonly<Record<ArmName, ArmEvidence | null>>
  /** The edge arm's audit, or why there is none. */
  readonly writes: AuditFigures | { readonly notAudited: string }
  readonly protectionsOff: readonly string[]
  readonly troubles: readonly string[]
  readonly reproduce: string
  readonly versions: Readonly<Record<string, string>>
  /** Reasons for figures left null that this function cannot know, by path in the result. */
  readonly notMeasured: Readonly<Record<string, string>>
}

/** Limits a run is judged by; a scenario may set its own. Equality holds. */
export interface SloLimits {
  readonly p95Ms: number
  readonly p99Ms: number
  readonly errorRatio: number
  readonly amplification: number
  /** From the first click on a form to its confirmation. */
  readonly saveP95Ms: number
  readonly writesLost: number
  readonly pageDeadlineMs: number
}

/**
 * What the load engine saw in one arm. Pages belong to the phase and the second of their
 * intended start, never of their end: a portal that stalls must not move its own failures.
 */
export interface ArmEvidence {
  readonly phases: readonly PhaseEvidence[]
  /** One row a second; what the engine does not know (`poolUsefulRatio`, `backlog`) is null. */
  readonly timeline: readonly TimelineRow[]
  readonly byPageType: readonly PageTypeEvidence[]
  readonly people: People
  readonly saves: SaveEvidence
  readonly leaks: Leaks
  readonly generator: GeneratorFigures
  /** Anything else that makes the load not the one asked for: out of ports, interrupted. */
  readonly generatorProblems: readonly { readonly id: string; readonly text: BilingualText }[]
  /** What really was sent, for the delivered multipliers. */
  readonly delivered: Delivered
  /** The stand-in's figures by phase name, or null when the target does not tell. */
  readonly origin: Readonly<Record<string, OriginPhase>> | null
}

export interface PhaseEvidence {
  readonly name: string
  readonly fromClock: string
  readonly toClock: string
  /** From the run's origin. */
  readonly fromMs: number
  readonly toMs: number
  readonly pages: PageCounts
  /** Response of whole pages, from their intended start. */
  readonly response: LatencyHistogramData
  /**
   * How long people had waited for pages that timed out or that they gave up on (censored).
   * Errors and refusals answered at once stay out: a fast 503 must not improve a percentile.
   */
  readonly waitedInVain: LatencyHistogramData
}

/** `intended` = whole + failed + refused; those not begun because a person left are not intended. */
export interface PageCounts {
  readonly intended: number
  /** Navigations for pages and logins, reloads included, waits in line excluded. */
  readonly attempts: number
  /** Pages and logins that were begun at all. */
  readonly begun: number
  readonly whole: number
  readonly inSlo: number
  /** Errors, resets, time-outs, given up. */
  readonly failed: number
  /** Turned away with an honest 429 or 503. */
  readonly refused: number
}

/** Forms by how long they took: until confirmed, or until their author gave up (censored). */
export interface SaveEvidence {
  readonly saved: LatencyHistogramData
  readonly givenUp: LatencyHistogramData
}

export interface PageTypeEvidence {
  readonly type: string
  readonly intended: number
  readonly inSlo: number
  readonly response: LatencyHistogramData
}

export interface Delivered {
  readonly sessions: number
  readonly pages: number
  /** How long people stayed, over how long the plan had them stay; null when none was timed. */
  readonly stay: { readonly value: number; readonly standardError: number } | null
}

/** One phase of the stand-in's `GET /stats`; fields not read here are left out. */
export interface OriginPhase {
  readonly poolSecondsHad: number
  readonly poolSecondsUseful: number
}

/** What the schedule promised. `scheduled` is this run's own share: sessions, pages, mean ms. */
export interface ScheduleFacts {
  readonly hash: string
  readonly seed: number
  readonly scale: number
  readonly mode: string
  readonly fidelity: readonly FidelityLine[]
  readonly multipliers: Readonly<
    Record<
      MultiplierName,
      { readonly requested: number; readonly planned: number; readonly scheduled: number }
    >
  >
}
