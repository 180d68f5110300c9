import type { LatencyHistogramData } from '../../core/latency-histogram.ts'
import type { GeneratorHealth, GeneratorVerdict } from './generator-verdict.ts'
import type { StaySums } from './stay-sums.ts'
import type { UserModel } from './user-model.ts'

/**
 * What one run of the engine saw; JSON. All times are ms from the run's origin unless they end
 * `Epoch`. A page visit is counted once, in the phase and second of its intended start.
 */
export interface LoadResult {
  readonly schemaVersion: 1
  readonly runId: string
  readonly seed: number | string
  readonly planHash: string
  readonly target: string
  readonly startedAtEpochMs: number
  /** `stopped`: ended early on request; phases that were not reached hold zeros. */
  readonly endedBy: 'plan' | 'stopped'
  readonly endedAtMs: number
  readonly pageDeadlineMs: number
  readonly users: UserModel
  readonly phases: readonly PhaseResult[]
  /** All measured phases together. */
  readonly total: PhaseResult
  /** One row a second. */
  readonly timeline: readonly TimelineRow[]
  /** Responses of whole pages by intended start, in windows of ten seconds. */
  readonly responseWindows: readonly ResponseWindow[]
  /** People of the whole run, those already inside at its start included. */
  readonly people: PeopleCounts
  /** Of sessions that ended by themselves. */
  readonly stays: StaySums
  readonly writes: WriteResult
  readonly leaks: LeakResult
  readonly generator: GeneratorHealth & GeneratorVerdict
}

/**
 * Fates of page visits. `intended = whole + failed + refused + abandoned + unfinished`, and
 * `whole = inSlo + late`. Someone who gave up and came back opens the page again: those tries
 * are in `attempts` and `wholeAfterReturn`, never a second time in `intended`.
 */
export interface PageCounts {
  readonly intended: number
  /** Navigations for pages, refreshes included; polls that obey a waiting room are `waits`. */
  readonly attempts: number
  readonly whole: number
  /** Whole, and the response (from the intended start, everything included) in the deadline. */
  readonly inSlo: number
  /** As `inSlo`, not counting the time spent in line at the pace the server asked for. */
  readonly inSloAfterLine: number
  readonly late: number
  /** Errors, or a page that stayed incomplete. */
  readonly failed: number
  /** Left after answers of 429 or 503, or after too long in line. */
  readonly refused: number
  /** Left because it was too slow. */
  readonly abandoned: number
  /** Still open when the run was over and drained. */
  readonly unfinished: number
  /** Answers that turned a navigation away with a time to come back. */
  readonly turnedAway: number
  /** Polls of a waiting room at the pace it asked for. */
  readonly waits: number
  readonly wholeAfterReturn: number
  /** Pages never begun because the person had left for good. */
  readonly forgone: number
}

/** Counts of one phase. Histograms are of ms. */
export interface PhaseResult {
  readonly name: string
  readonly fromMs: number
  readonly toMs: number
  readonly pages: PageCounts
  /** Logins asked for by the plan; logging in again adds attempts only. */
  readonly logins: PageCounts
  /** Attempts at pages and logins over those intended and begun; null when none were. */
  readonly amplification: number | null
  readonly byPageType: Readonly<Record<string, PageCounts & { response: LatencyHistogramData }>>
  readonly byRole: Readonly<Record<string, PageCounts>>
  /** Whole pages: intended start to last byte. The one to take percentiles of. */
  readonly response: LatencyHistogramData
  /** The same without the time spent in line at the pace the server asked for. */
  readonly responseAfterLine: LatencyHistogramData
  /** Whole pages: start of the successful attempt to last byte. */
  readonly service: LatencyHistogramData
  /** Pages that did not become whole: how long the person waited (right-censored). */
  readonly censored: LatencyHistogramData
  /** Time in line per visit that stood in line, pages and logins. */
  readonly inLine: LatencyHistogramData
  /** Intended to actual start of pages: the generator's own lag. */
  readonly lag: LatencyHistogramData
  /** Answers by status code, and requests that got none: `reset`, `aborted`, ... */
  readonly requests: Readonly<Record<string, number>>
  /** Sessions intended to start in this phase. */
  readonly people: PeopleCounts
}

export interface PeopleCounts {
  /** Began with a login during the measured run. */
  readonly started: number
  /** Were inside already when the run began (logged in during the prelude). */
  readonly warm: number
  /** Completed their login. */
  readonly admitted: number
  /** Stood in line at least once. */
  readonly waited: number
  /** Gave up at least once. */
  readonly gaveUp: number
  readonly returned: number
  /** Gave up and did not come back within the run. */
  readonly lost: number
  /** Sessions logged in again because theirs was lost. */
  readonly loggedInAgain: number
}

export interface TimelineRow {
  readonly atMs: number
  /** By intended start. */
  readonly intended: number
  readonly inSlo: number
  readonly late: number
  readonly failed: number
  readonly refused: number
  readonly abandoned: number
  readonly unfinished: number
  readonly logins: number
  /** By the time it happened: navigations (logins too), whole pages, answers, sessions alive. */
  readonly attempts: number
  readonly served: number
  readonly requests: number
  readonly turnedAway: number
  readonly concurrent: number
}

export interface ResponseWindow {
  readonly fromMs: number
  readonly response: LatencyHistogramData
}

export interface AcknowledgedWrite {
  readonly key: string
  /** The portal's name of the person (`u17`). */
  readonly principal: string
  readonly kind: string
  readonly status: number
}

export interface WriteResult {
  /** Distinct keys sent, and how often in all. */
  readonly attempted: number
  readonly sends: number
  readonly acknowledged: readonly AcknowledgedWrite[]
  /** Keys sent and never acknowledged; they may or may not have been applied. */
  readonly unconfirmed: readonly string[]
  /** Forms, each from the first click to its confirmation; a person may click many times. */
  readonly saved: LatencyHistogramData
  /** Forms given up, with the time until then (right-censored), at least the page deadline. */
  readonly givenUp: LatencyHistogramData
}

export interface LeakResult {
  readonly answersChecked: number
  readonly foreignCanaries: number
  /** At most five, without personal data. */
  readonly examples: readonly { scope: string; service: string; atMs: number }[]
}

/** The run as it goes, once a second. */
export interface LoadSnapshot {
  readonly atMs: number
  readonly endMs: number
  readonly phase: string
  readonly sessions: number
  readonly requestsInFlight: number
  /** Of the last full second. */
  readonly second: TimelineRow | null
  /** Whole pages completed in the last five to ten seconds. */
  readonly recentP95Ms: number | null
  readonly pagesIntended: number
  readonly pagesInSlo: number
  readonly acknowledgedWrites: number
  readonly foreignCanaries: number
  readonly startLagP99Ms: number
}
