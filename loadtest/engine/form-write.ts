import { exponential } from '../../core/distributions.ts'
import type { PortalWrite } from '../../scenarios/portals/portal.ts'
import { Attempt } from './attempt.ts'
import { type BrowserRequest, documentRequest, writeRequest } from './page-requests.ts'
import { pause, type Person, type RunContext } from './person.ts'
import { type Meaning, meaningOf } from './portal-answer.ts'
import { patienceMs, reactToUnconfirmed, scriptRetryMs } from './user-model.ts'

/** Where a write happens: which page of the session, which piece of content. */
export interface WriteContext {
  readonly page: number
  readonly item: number
  readonly logInAgain: () => Promise<boolean>
}

/** Nobody clicks more often than this, whatever the chances say. */
const clickLimit = 20

/**
 * Submits one form as people do: clicks again with the same key when nothing confirms it, or
 * reopens the form, which makes a second write with a key of its own. Any 2xx confirms (202: a
 * receipt).
 */
export async function makeWrite(
  write: PortalWrite,
  person: Person,
  facts: { readonly run: RunContext; readonly context: WriteContext },
): Promise<void> {
  const { run, context } = facts
  let key = freshKey(person, run, context)
  let mayRegain = true
  let mayReload = true
  const beganMs = run.world.nowMs()
  const end = (fate: 'saved' | 'givenUp'): void => {
    const tookMs = run.world.nowMs() - beganMs
    // Whoever is refused at once and gives up has not saved anything sooner.
    const leastMs = fate === 'givenUp' ? run.pageDeadlineMs : 0
    run.recorder.writes.form(fate, Math.max(tookMs, leastMs))
  }
  for (let clicks = 0; clicks < clickLimit && !run.isEnding(); clicks += 1) {
    const meaning = await click(write, person, { run, context, key })
    if (meaning.kind === 'arrived') return end('saved')
    if (meaning.kind === 'session-lost' && mayRegain) {
      mayRegain = false
      if (!(await context.logInAgain())) return end('givenUp')
    } else if (meaning.kind === 'stale-form' && mayReload) {
      mayReload = false
      await fetchToken(person, run)
    } else {
      const reaction = reactToUnconfirmed(run.users, person.random)
      if (reaction === 'give-up') return end('givenUp')
      if (reaction === 'reopen-form') key = freshKey(person, run, context)
      // After an abort patience has run out already; after an error people look first.
      if (meaning.kind !== 'aborted') {
        await pause(run.world, exponential(person.random, run.users.refreshAfterMeanMs))
      }
    }
  }
  if (!run.isEnding()) end('givenUp')
}

/** Asks for the token that every form needs, the way a page's script does. */
export async function fetchToken(person: Person, run: RunContext): Promise<void> {
  const call = run.facts.tokenRequest
  if (call === undefined) return
  const request: BrowserRequest = {
    ...documentRequest(call, { session: person.session }),
    purpose: 'data',
  }
  const attempt = new Attempt(person, run, run.world.nowMs() + run.pageDeadlineMs)
  const patience = patienceMs('page', run.users, person.random)
  const cancel = run.world.after(patience, () => attempt.abort())
  await attempt.call(request)
  cancel()
}

/** One click and its answer; the page's script obeys one short `Retry-After`. */
async function click(
  write: PortalWrite,
  person: Person,
  facts: { readonly run: RunContext; readonly context: WriteContext; readonly key: string },
): Promise<Meaning> {
  const { run, context, key } = facts
  if (person.formToken === undefined) await fetchToken(person, run)
  const startMs = run.world.nowMs()
  const isUpload = write.service === 'upload'
  const attempt = new Attempt(person, run, startMs + run.pageDeadlineMs * (isUpload ? 3 : 1))
  const patience = patienceMs('write', run.users, person.random)
  const cancel = run.world.after(patience, () => attempt.abort())
  const request = writeRequest(write, { session: person.session, item: context.item, key })
  const send = async (): Promise<Meaning> => {
    run.recorder.writes.sent(key)
    const answer = await attempt.call(request)
    const meaning = meaningOf(answer, run.facts.loginPath)
    if (meaning.kind === 'arrived' && answer.kind === 'answered') {
      const principal = `u${person.session.account}`
      run.recorder.writes.confirm({ key, principal, kind: write.name, status: answer.status })
    }
    return meaning
  }
  let meaning = await send()
  if (meaning.kind === 'turned-away') {
    const delayMs = scriptRetryMs(meaning.retryAfterMs, run.users, person.random)
    if (delayMs !== undefined && delayMs < patience - (run.world.nowMs() - startMs)) {
      await pause(run.world, delayMs)
      meaning = await send()
    }
  }
  cancel()
  return meaning
}

function freshKey(person: Person, run: RunContext, context: WriteContext): string {
  person.writesMade += 1
  return `${run.runId}-${person.session.index}-${context.page}-${person.writesMade}`
}
