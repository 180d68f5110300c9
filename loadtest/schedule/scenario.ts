import type { JourneyName } from '../../scenarios/journeys/journey.ts'
import type { Figure } from './profile.ts'
import type { Role } from './session.ts'

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
  /** What the event rests on, each with its basis; read by people. */
  readonly figures: Readonly<Record<string, Figure<number | string>>>
  /** Factors on the day's mix of services and roles; shares are made whole again. */
  readonly emphasis: Emphasis
  /** How unevenly schools are hit; all alike when absent. */
  readonly schools?: SchoolSkew | undefined
  /** People who come for one thing, on top of the day. */
  readonly crowds: readonly Crowd[]
  /** What goes wrong with the portal meanwhile. */
  readonly disturbances: readonly Disturbance[]
}

export interface Emphasis {
  readonly services: Readonly<Record<string, number>>
  readonly roles: { readonly [R in Role]?: number | undefined }
}

/**
 * `spread`: multipliers of schools are log-normal, one school in twenty beyond `p95OverMean`
 * times the mean. `region`: a `share` of all schools is hit `factor` times as hard as the rest.
 */
export type SchoolSkew =
  | { readonly kind: 'spread'; readonly p95OverMean: number }
  | { readonly kind: 'region'; readonly share: number; readonly factor: number }

/** `visits` is at full scale, over the whole of `shape`. */
export interface Crowd {
  readonly name: string
  readonly journey: JourneyName
  readonly role: Role
  readonly visits: Figure<number>
  readonly shape: CrowdShape
}

/**
 * When a crowd comes; times of the day. `even`: at one rate. `step`: at once, then half as many
 * every `halfLifeMinutes`. `triangle`: rises to `peak` and falls. `deadline`: grows towards `to`
 * with time constant `meanMinutes`. `aligned`: everybody polls at the full `everyMinutes`, within
 * ten seconds. `class-burst`: posts come evenly; after each, `readShare` of a class opens it,
 * `meanDelayMinutes` later on average; `visits` counts the readers.
 */
export type CrowdShape =
  | { readonly kind: 'even'; readonly from: string; readonly to: string }
  | {
      readonly kind: 'step'
      readonly from: string
      readonly to: string
      readonly halfLifeMinutes: number
    }
  | {
      readonly kind: 'triangle'
      readonly from: string
      readonly peak: string
      readonly to: string
    }
  | {
      readonly kind: 'deadline'
      readonly from: string
      readonly to: string
      readonly meanMinutes: number
    }
  | {
      readonly kind: 'aligned'
      readonly from: string
      readonly to: string
      readonly everyMinutes: number
    }
  | {
      readonly kind: 'class-burst'
      readonly from: string
      readonly to: string
      readonly readShare: number
      readonly meanDelayMinutes: number
    }

/** Faults of the portal between two times of the day; absent ones are as always. */
export interface Disturbance {
  readonly from: string
  readonly to: string
  readonly faults: { readonly [N in keyof PortalFaults]?: PortalFaults[N] | undefined }
}

/** What can be wrong with the portal; the stand-in's control address takes the same names. */
export interface PortalFaults {
  /** Multiplies every service time. */
  readonly slowFactor: number
  readonly errorShare: number
  readonly stalled: boolean
  readonly identitySlowMs: number
  readonly refuseLogins: boolean
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
