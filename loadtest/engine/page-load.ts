import type { PortalPage } from '../../scenarios/portals/portal.ts'
import type { PageVisit } from '../schedule/session.ts'
import type { Attempt, AttemptEnd } from './attempt.ts'
import { type BrowserRequest, documentRequest, followUps, type PathFacts } from './page-requests.ts'
import type { Person } from './person.ts'

/** A browser opens at most this many requests at once to one site over HTTP/1.1. */
const parallelRequests = 6

/** The document, then data calls and new assets side by side; whole when all succeeded. */
export async function loadPage(
  attempt: Attempt,
  person: Person,
  what: { readonly page: PortalPage; readonly visit: PageVisit },
): Promise<AttemptEnd> {
  const facts: PathFacts = { session: person.session, item: what.visit.item }
  const document = await attempt.navigate(documentRequest(what.page.document, facts))
  if (document.kind === 'moved') return { kind: 'error' }
  if (document.kind !== 'arrived') return document
  const queue = followUps(what.page, facts, person.held)
  const found = { failed: 0, sessionLost: false, aborted: false }
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < queue.length) {
      const request = queue[next] as BrowserRequest
      next += 1
      const meaning = await attempt.scriptCall(request)
      if (meaning.kind === 'arrived') {
        if (request.purpose === 'asset') person.held.add(request.path)
      } else if (meaning.kind === 'session-lost') found.sessionLost = true
      else if (meaning.kind === 'aborted') found.aborted = true
      else found.failed += 1
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallelRequests, queue.length) }, lane))
  if (found.aborted) return { kind: 'aborted' }
  if (found.sessionLost) return { kind: 'session-lost' }
  return found.failed === 0 ? { kind: 'whole' } : { kind: 'partial' }
}
