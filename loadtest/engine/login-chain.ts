import type { LoginStep } from '../../scenarios/portals/portal.ts'
import type { Attempt, AttemptEnd } from './attempt.ts'
import { type BrowserRequest, documentRequest, loginFormBody } from './page-requests.ts'
import type { Person, RunContext } from './person.ts'
import { field, localPath, meaningOf } from './portal-answer.ts'

/**
 * Logs in, remembering between attempts how far the person came: a refresh repeats the step on
 * the screen. A ticket is good once, so a step that used one goes back to the form's own step.
 */
export function loginChain(
  person: Person,
  run: RunContext,
): (attempt: Attempt) => Promise<AttemptEnd> {
  const steps = run.portal.login
  const formPage = steps.findIndex((step) => step.path === run.facts.loginPath)
  let at = 0
  let ticketPath: string | undefined
  return async (attempt) => {
    while (at < steps.length) {
      const step = steps[at] as LoginStep
      const end = await takeStep(attempt, stepRequest(step, person, ticketPath))
      if (end.kind !== 'went-on') {
        if (step.path.includes('{ticket}')) at = Math.max(0, at - 1)
        if (end.kind === 'session-lost') {
          at = Math.max(0, formPage)
          return { kind: 'error' }
        }
        return end
      }
      ticketPath = end.location
      at += 1
    }
    return { kind: 'whole' }
  }

  async function takeStep(
    attempt: Attempt,
    request: BrowserRequest & { readonly expect: number },
  ): Promise<AttemptEnd | { readonly kind: 'went-on'; readonly location: string | undefined }> {
    if (request.expect < 300) {
      const meaning = await attempt.navigate(request)
      if (meaning.kind === 'arrived') return { kind: 'went-on', location: undefined }
      return meaning.kind === 'moved' ? { kind: 'error' } : meaning
    }
    const answer = await attempt.call(request)
    const meaning = meaningOf(answer, run.facts.loginPath)
    if (meaning.kind !== 'moved' || answer.kind !== 'answered') {
      return meaning.kind === 'arrived' || meaning.kind === 'moved' ? { kind: 'error' } : meaning
    }
    if (answer.status !== request.expect) return { kind: 'error' }
    return {
      kind: 'went-on',
      location: localPath(field(answer.fields, 'location') ?? '', run.origin),
    }
  }
}

function stepRequest(step: LoginStep, person: Person, ticketPath: string | undefined) {
  const facts = { session: person.session }
  const request = documentRequest(step, facts)
  const path = step.path.includes('{ticket}') ? (ticketPath ?? request.path) : request.path
  const body = step.method === 'POST' ? loginFormBody(facts) : undefined
  return { ...request, path, expect: step.expect, ...(body && { body }) }
}
