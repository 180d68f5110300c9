import type { PageVisit, Session } from './session.ts'

/** One page of a session at the time it starts when every answer takes `answerMs`. */
export interface PlannedPage {
  readonly visit: PageVisit
  /** Position in the session's pages; 0 is where people log in. */
  readonly page: number
  readonly atMs: number
}

/** The pages that a session plays during the run when nobody waits, in order. */
export function plannedPages(session: Session, answerMs: number): PlannedPage[] {
  let atMs = session.resumeAtMs
  return session.pages.slice(session.firstPage).map((visit, i) => {
    const planned = { visit, page: session.firstPage + i, atMs }
    atMs += visit.thinkMs + answerMs
    return planned
  })
}
