/** One surge to rehearse: what happens on which day, asked of which portal, judged how. Data. */
export interface Scenario {
  readonly name: string
  readonly title: { readonly fr: string; readonly en: string }
  /** The event of the catalogue of surges, e.g. `S2`. */
  readonly event: string
  /** A file of `profiles/`, without its ending. */
  readonly profile: string
  readonly day: DayName
  readonly portal: 'reference'
  /** What the day is to be, relative to the profile's baseline day. */
  readonly multipliers: Multipliers
  readonly slo: Slo
  readonly users: ImpatientUsers
  readonly capacity: {
    /** Demand of the peak divided by the capacity that the stand-in is given. */
    readonly surgeOverCapacity: number
  }
  readonly run: {
    /** Wall time of one arm unless `--minutes` says otherwise. */
    readonly armSeconds: number
    /** Think times are divided by this; 1 keeps them real. */
    readonly thinkCompression: number
  }
  readonly phases: readonly ScenarioPhase[]
}

export type DayName = 'baseline' | 'closure'

/** Ratios to the baseline day: visits, page views, and mean duration of a visit. */
export interface Multipliers {
  readonly sessions: number
  readonly pages: number
  readonly duration: number
}

/** What a good run keeps; a page counts whole and from its intended start. */
export interface Slo {
  readonly p95Ms: number
  readonly p99Ms: number
  readonly errorRatio: number
  readonly amplification: number
  /** From the first click on a form to its confirmation. */
  readonly saveP95Ms: number
  readonly writesLost: number
  readonly pageDeadlineMs: number
}

/** How people answer slowness and refusals. Durations are medians or means of wall time. */
export interface ImpatientUsers {
  readonly patienceMedianMs: number
  readonly loginPatienceMedianMs: number
  /** Standard deviation of the logarithm of patience. */
  readonly patienceSigma: number
  /** Chance of a refresh after attempt j: `refreshChance * refreshDecay^(j-1)`. */
  readonly refreshChance: number
  readonly refreshDecay: number
  readonly waitOnChance: number
  readonly refreshAfterMeanMs: number
  /** Chance of doing what `Retry-After` or a waiting page asks. */
  readonly complyChance: number
  readonly complyJitterRatio: number
  /** The longest `Retry-After` that a page's own script waits for. */
  readonly scriptRetryMaxMs: number
  readonly clickAgainChance: number
  readonly reopenFormChance: number
  readonly returnChance: number
  /** Belongs to the calendar: divided by `thinkCompression`, as is patience in line. */
  readonly returnMedianMs: number
  readonly returnSigma: number
  readonly patienceInLineMedianMs: number
  readonly patienceInLineSigma: number
}

/** A stretch of the day and the share of the run's wall time that plays it. */
export interface ScenarioPhase {
  readonly name: PhaseName
  /** Clock times of the day, `HH:MM`. */
  readonly from: string
  readonly to: string
  readonly share: number
  /** Multiplies the page rate of these minutes; 1 when absent. */
  readonly loadFactor?: number | undefined
}

export type PhaseName = 'before' | 'rise' | 'peak' | 'after'
