/** One sentence in the two languages the toolkit speaks. */
export interface BilingualText {
  readonly fr: string
  readonly en: string
}

/** Direct to the origin, or through the edge. */
export type ArmName = 'direct' | 'edge'

/** Of one arm. `not-judged` when the run is invalid or had too few pages to say anything. */
export type ArmOutcome = 'holds' | 'breaks' | 'not-judged'

/** Of the whole run, about the edge arm when it was run. Invalid is neither a pass nor a fail. */
export type Verdict = 'pass' | 'fail' | 'invalid'

/**
 * What `result.json` holds; `result.schema.json` says the same for other tools.
 * An arm that was not run is null. A figure that was not measured is null, and `notMeasured`
 * gives the reason under its path, or under the path of an object that contains it.
 * Three nulls are answers and need no reason: `brokeAt` (it did not break), a limit's `phase`
 * (it is about the whole run), and figures of a timeline second in which there was nothing to see.
 */
export interface Result {
  readonly schemaVersion: 1
  readonly startedAt: string
  readonly valid: boolean
  readonly invalidReasons: readonly InvalidReason[]
  readonly verdict: Verdict
  readonly verdictText: BilingualText
  readonly exitCode: 0 | 3 | 4 | 5
  readonly scenario: { readonly name: string; readonly title: BilingualText }
  readonly seed: number
  readonly scheduleHash: string
  /** Share of the reference portal's population, 0 to 1. */
  readonly scale: number
  /** How time was compressed: `real`, `rates` or `events`. */
  readonly mode: string
  readonly fidelity: readonly FidelityLine[]
  readonly multipliers: Readonly<Record<MultiplierName, Multiplier>>
  readonly pageDeadlineMs: number
  readonly arms: Readonly<Record<ArmName, ArmResult | null>>
  readonly writes: WriteResult
  readonly leaks: Leaks
  readonly generator: GeneratorResult
  /** Protections of the edge that a flag switched off for this run. */
  readonly protectionsOff: readonly string[]
  /** What a flag made go wrong in the peak of this run. */
  readonly troubles: readonly string[]
  readonly notMeasured: Readonly<Record<string, string>>
  readonly reproduce: string
  readonly versions: Readonly<Record<string, string>>
}

/** `id` is a check of the generator (`start-lag-p99`) or a reason of its own (`interrupted`). */
export interface InvalidReason extends BilingualText {
  readonly id: string
}

/** What became of one quantity of the real day in the run. */
export interface FidelityLine {
  readonly quantity: string
  readonly treatment: 'kept' | 'compressed' | 'scaled' | 'left out'
  readonly detail: string
}

export type MultiplierName = 'sessions' | 'pages' | 'duration'

/** Against the paired ordinary day. `delivered` carries its 95 % interval. */
export interface Multiplier {
  readonly requested: number
  readonly planned: number
  readonly delivered: { readonly value: number; readonly low: number; readonly high: number } | null
}

/** Figures are of the whole measured run, except `goodputRatio`, which is of the peak. */
export interface ArmResult extends PageFigures {
  readonly outcome: ArmOutcome
  /** Clock time of the simulated day, or null when no 10 s were mostly late or lost. */
  readonly brokeAt: string | null
  readonly text: BilingualText
  /** Whether pages in time came back, before the end, to what they were before the peak. */
  readonly recovered: boolean | null
  readonly slos: readonly SloResult[]
  readonly phases: readonly PhaseResult[]
  readonly people: People
  readonly timeline: readonly TimelineRow[]
  readonly byPageType: readonly PageTypeResult[]
  readonly saves: SaveFigures
  readonly leaks: Leaks
}

export interface PageFigures {
  /** Bottleneck seconds spent on answers still wanted and in time, per second it had. */
  readonly goodputRatio: number | null
  readonly pagesIntended: number
  /** Whole pages within the page deadline. */
  readonly pagesInSlo: number
  /** Attempts per page begun; 1 when nobody reloads. */
  readonly amplification: number | null
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  readonly errorRatio: number | null
  readonly refusedRatio: number | null
}

export interface PhaseResult extends PageFigures {
  readonly name: string
  readonly fromClock: string
  readonly toClock: string
  readonly fromMs: number
  readonly toMs: number
}

export type SloId =
  | 'p95'
  | 'p99'
  | 'error-ratio'
  | 'amplification'
  | 'save-p95'
  | 'foreign-canaries'
  | 'writes-lost'
  | 'writes-duplicated'

/** `holds` is null when the sample was too small or missing; equality holds. */
export interface SloResult {
  readonly id: SloId
  readonly phase: string | null
  readonly limit: number
  readonly actual: number | null
  readonly holds: boolean | null
  /** How many pages, answers or writes the figure rests on. */
  readonly sample: number
}

/** What became of people, not of requests. */
export interface People {
  readonly sessions: number
  readonly admitted: number
  readonly waited: number
  readonly waitedMedianMs: number | null
  readonly gaveUp: number
  readonly returned: number
}

/** One second of the run; pages stand in the second of their intended start. */
export interface TimelineRow {
  readonly atMs: number
  /** Clock time of the simulated day, "08:53". */
  readonly clock: string
  readonly intended: number
  /** Whole pages, in time or late. */
  readonly served: number
  readonly inSlo: number
  readonly late: number
  readonly failed: number
  readonly refused: number
  readonly attempts: number
  readonly concurrent: number
  readonly p95Ms: number | null
  readonly poolUsefulRatio: number | null
  readonly backlog: number | null
}

/** Forms people sent off, from the first click to the confirmation, however often they clicked. */
export interface SaveFigures {
  readonly forms: number
  readonly givenUp: number
  /** Forms given up count with the time their author had waited. */
  readonly p95Ms: number | null
}

export interface PageTypeResult {
  readonly type: string
  readonly intended: number
  readonly inSlo: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}

/** Of the edge arm. Everything but `audit` is null when nothing was audited. */
export interface WriteResult {
  readonly audit: 'complete' | 'not audited'
  readonly acknowledged: number | null
  readonly applied: number | null
  readonly deadLettered: number | null
  readonly lost: number | null
  readonly duplicated: number | null
  readonly ghost: number | null
  /** With zero lost of n, the share lost is below 3/n with 95 % confidence. */
  readonly lostUpperBoundRatio: number | null
  readonly lostKeys: readonly string[]
  readonly duplicatedKeys: readonly string[]
}

/** A foreign canary is a mark of somebody else's data in an answer: the worst finding there is. */
export interface Leaks {
  readonly answersChecked: number | null
  readonly foreignCanaries: number | null
}

/** The worst of the arms that were run. */
export interface GeneratorResult extends GeneratorFigures {
  readonly checks: readonly GeneratorCheck[]
}

export interface GeneratorFigures {
  readonly startLagP99Ms: number | null
  readonly startLagMaxMs: number | null
  /** Page start, intended to actual; small, it says the page rate was delivered. */
  readonly pageLagP99Ms: number | null
  readonly eventLoopDelayP99Ms: number | null
  readonly cpuRatio: number | null
  /** Sessions started per session scheduled. */
  readonly deliveredRatio: number | null
}

export type GeneratorCheckId =
  | 'start-lag-p99'
  | 'start-lag-max'
  | 'page-lag-p99'
  | 'event-loop-delay-p99'
  | 'cpu'
  | 'delivered'

export interface GeneratorCheck {
  readonly id: GeneratorCheckId
  readonly limit: number
  readonly actual: number | null
  readonly holds: boolean | null
}
