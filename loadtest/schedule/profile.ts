import type { DayName } from './scenario.ts'
import type { Role } from './session.ts'

/** A figure and where it comes from. */
export interface Figure<T> {
  readonly value: T
  readonly basis: 'published' | 'derived' | 'assumed'
  readonly source: string
}

/** A group of schools as its portal meets it on an ordinary day and on a closure day. */
export interface Profile {
  readonly name: string
  readonly accounts: Figure<Readonly<Record<Role, number>>>
  readonly schools: Figure<number>
  readonly classes: Figure<number>
  readonly days: Readonly<Record<DayName, Day>>
  /** Load of each day of the week against a mean school day. */
  readonly week: Figure<Readonly<Record<Weekday, number>>>
  /** Spread of pages per visit and of gaps: standard deviations of the logarithms. */
  readonly pagesSigma: Figure<number>
  readonly gapSigma: Figure<number>
  /** Share of visits of at most 1, 2, ... pages, where measured; the last is 1. */
  readonly pagesCumulative?: Figure<readonly number[]> | undefined
  readonly pagesMax: Figure<number>
  readonly gapMaxMs: Figure<number>
  readonly thinkMinMs: Figure<number>
  /** Part of a gap that the portal's answer takes when it is well. */
  readonly answerMs: Figure<number>
  readonly logoutShare: Figure<number>
  readonly itemZipfExponent: Figure<number>
  readonly itemsPerSchool: Figure<number>
}

export type Weekday =
  | 'monday'
  | 'tuesday'
  | 'wednesday'
  | 'thursday'
  | 'friday'
  | 'saturday'
  | 'sunday'

export interface Day {
  readonly visits: Figure<Readonly<Record<Role, Visit>>>
  /** Share of the day's page views in each of the 24 hours. */
  readonly hourlyShare: Figure<readonly number[]>
  /** Share of the day's page views in each of its 288 stretches of five minutes, where measured. */
  readonly fiveMinuteShare?: Figure<readonly number[]> | undefined
  /** Share of the day's visits that begin in each of those stretches, where measured. */
  readonly arrivalShare?: Figure<readonly number[]> | undefined
  readonly pulses: Figure<Pulses>
  readonly services: Figure<readonly ServiceShare[]>
}

/** One role's visits on the whole day at full scale; a visit lasts from first to last page. */
export interface Visit {
  readonly visits: number
  readonly pages: number
  readonly minutes: number
}

/** Minutes around these hours carry `factor` times their hour's mean; the hour keeps its total. */
export interface Pulses {
  readonly factor: number
  readonly aroundHours: readonly number[]
  readonly minutesBefore: number
  readonly minutesAfter: number
}

/** A service's share of page views and the portal pages that one use of it walks through. */
export interface ServiceShare {
  readonly service: string
  readonly share: number
  readonly pages: readonly string[]
}
