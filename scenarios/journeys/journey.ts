/** What one kind of visitor does, page after page. Data. */
export interface Journey {
  readonly title: { readonly fr: string; readonly en: string }
  readonly steps: readonly JourneyStep[]
  /** Chance of logging out at the end; the others leave the tab open. */
  readonly logoutShare: number
}

export interface JourneyStep {
  /** A page of the portal. */
  readonly page: string
  /** Mean time on the page before the next; real, drawn log-normal. */
  readonly thinkMs: number
  /** Writes of that page, by name, and the chance of each. */
  readonly writes?: Readonly<Record<string, number>>
  /** After this step, goes back to `fromStep` (a position), this many times. */
  readonly again?: { readonly fromStep: number; readonly times: number }
}

/** Of the catalogue of journeys; J11, the blocked visitor, is a state of everybody: `users`. */
export type JourneyName =
  | 'J1'
  | 'J2'
  | 'J3'
  | 'J4'
  | 'J5'
  | 'J6'
  | 'J7'
  | 'J8'
  | 'J9'
  | 'J10'
  | 'J12'
