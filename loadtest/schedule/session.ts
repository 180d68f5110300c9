/** What one person will do, decided before a packet leaves. Everything but answers and impatience. */
export interface Session {
  /** Position in the schedule, in the order in which something must happen. */
  readonly index: number
  /**
   * Intended start, ms from the run's origin. Negative exactly when `firstPage > 0`: this person
   * logs in during the prelude.
   */
  readonly startMs: number
  readonly role: Role
  /** Account, school and class numbers; the portal names things after them (`u17`, `s3`, `c40`). */
  readonly account: number
  readonly school: number
  readonly classId: number
  readonly pages: readonly PageVisit[]
  /**
   * Pages before this one belong to the past: the person was already inside when the run
   * begins, logs in during the unmeasured prelude, and resumes here (warm start).
   */
  readonly firstPage: number
  /**
   * Ms after the run's origin at which a person already inside opens `pages[firstPage]`; it may be
   * far into the run. Equals `startMs` for people who arrive during the run.
   */
  readonly resumeAtMs: number
  /**
   * Came in an hour of the day that the run skips: logs in when the run first sees them, because
   * nobody can say whether those hours would have let them in.
   */
  readonly cameEarlier: boolean
  /** The crowd of the scenario this person comes with; absent for those of the day itself. */
  readonly crowd?: string
  /** Logs out at the end (true) or just leaves the tab open. */
  readonly logsOut: boolean
}

export interface PageVisit {
  /** A key of the portal's `pages`. */
  readonly type: string
  /** Ms from this page's completion to the next page's intended start. */
  readonly thinkMs: number
  /** Which piece of content (0 = the most popular one of the class or school). */
  readonly item: number
  /** Which of the page's optional writes this person does, by position in the portal's table. */
  readonly writes: readonly number[]
}

export type Role = 'pupil' | 'parent' | 'teacher' | 'staff'
