import type { PortalPage } from '../../scenarios/portals/portal.ts'
import type { PageVisit } from '../schedule/session.ts'
import { Attempt } from './attempt.ts'
import { fetchToken, makeWrite } from './form-write.ts'
import { loginChain } from './login-chain.ts'
import { loadPage } from './page-load.ts'
import { documentRequest, writeRequest } from './page-requests.ts'
import { pause, type Person, type RunContext } from './person.ts'
import { loginType, type VisitFacts } from './recorder.ts'
import { returnAfterMs } from './user-model.ts'
import { makeVisit, type VisitEnd } from './visit.ts'

/** Logging in is four exchanges and an identity provider; its deadline is this many pages'. */
const loginDeadlines = 3

/** Plays a session from its login (or, warm, from the page it resumes at) to its end. */
export async function playSession(person: Person, run: RunContext): Promise<void> {
  await playPages(person, run)
  run.recorder.stayed(person.stay)
}

async function playPages(person: Person, run: RunContext): Promise<void> {
  const { session } = person
  const isWarm = session.startMs < 0
  let intendedMs = isWarm ? session.resumeAtMs : session.startMs
  if (!isWarm && run.portal.login.length > 0) {
    const came = await persist(person, run, {
      firstMs: session.startMs,
      nextPage: session.firstPage,
    })((kind, intendedMs) => logIn(person, run, { kind, intendedMs }))
    if (!came) return
    run.recorder.person('admitted', session.startMs)
    intendedMs = run.world.nowMs()
  }
  const cameMs = intendedMs
  let plannedMs = 0
  for (let page = session.firstPage; page < session.pages.length; page += 1) {
    if (intendedMs >= run.endMs) return
    await pause(run.world, intendedMs - run.world.nowMs())
    if (run.isEnding()) return
    person.stay = { playedMs: intendedMs - cameMs, plannedMs }
    const visit = session.pages[page] as PageVisit
    plannedMs += visit.thinkMs + run.plannedAnswerMs
    const came = await persist(person, run, { firstMs: intendedMs, nextPage: page + 1 })(
      (kind, atMs) => openPage(person, run, { visit, kind, intendedMs: atMs }),
    )
    if (!came) return
    await doWrites(person, run, { visit, page })
    intendedMs = run.world.nowMs() + visit.thinkMs
  }
  if (!session.logsOut || intendedMs >= run.endMs) return
  await pause(run.world, intendedMs - run.world.nowMs())
  if (!run.isEnding()) await logOut(person, run)
}

/** Logs in before the measured run begins, and fetches what an open page would hold. */
export async function warmUp(person: Person, run: RunContext): Promise<void> {
  const intendedMs = run.world.nowMs()
  const end = await logIn(person, run, { kind: 'again', intendedMs })
  // Failing here is not fatal: the first page will find no session and log in.
  if (end === 'whole') await fetchToken(person, run)
}

/**
 * Repeats a visit for someone who gives up and comes back later; false when the session is
 * over: lost for good, or cut by the end of the run.
 */
function persist(
  person: Person,
  run: RunContext,
  at: { readonly firstMs: number; readonly nextPage: number },
): (
  visit: (kind: VisitFacts['kind'], intendedMs: number) => Promise<VisitEnd>,
) => Promise<boolean> {
  const { session, random } = person
  return async (visit) => {
    let end = await visit('planned', at.firstMs)
    while (end === 'left') {
      if (!person.hasGivenUp) run.recorder.person('gaveUp', session.startMs)
      person.hasGivenUp = true
      const awayMs = returnAfterMs(run.users, random)
      const backAtMs = run.world.nowMs() + (awayMs ?? Number.POSITIVE_INFINITY)
      if (awayMs === undefined || backAtMs >= run.endMs) {
        run.recorder.person('lost', session.startMs)
        forgo(person, run, at.nextPage)
        return false
      }
      await pause(run.world, awayMs)
      if (run.isEnding()) return false
      run.recorder.person('returned', session.startMs)
      end = await visit('returned', backAtMs)
    }
    return end !== 'unfinished'
  }
}

/** Counts the pages that would have followed, each when it would have begun. */
function forgo(person: Person, run: RunContext, fromPage: number): void {
  const { session } = person
  let atMs = run.world.nowMs()
  for (const visit of session.pages.slice(fromPage)) {
    run.recorder.forgo({ pageType: visit.type, role: session.role, intendedMs: atMs })
    atMs += visit.thinkMs
  }
}

function logIn(
  person: Person,
  run: RunContext,
  when: { readonly kind: VisitFacts['kind']; readonly intendedMs: number },
): Promise<VisitEnd> {
  const deadlineMs = loginDeadlines * run.pageDeadlineMs
  const facts = { ...when, pageType: loginType, role: person.session.role, deadlineMs }
  const tryOnce = loginChain(person, run)
  return makeVisit({ facts, patience: 'login', tryOnce }, person, run)
}

function openPage(
  person: Person,
  run: RunContext,
  what: {
    readonly visit: PageVisit
    readonly kind: VisitFacts['kind']
    readonly intendedMs: number
  },
): Promise<VisitEnd> {
  const { visit, kind, intendedMs } = what
  const page = pageOf(run, visit)
  const facts = {
    kind,
    intendedMs,
    pageType: visit.type,
    role: person.session.role,
    deadlineMs: run.pageDeadlineMs,
  }
  const logInAgain = (): Promise<VisitEnd> =>
    logIn(person, run, { kind: 'again', intendedMs: run.world.nowMs() })
  const tryOnce = (attempt: Attempt) => loadPage(attempt, person, { page, visit })
  return makeVisit({ facts, patience: 'page', tryOnce, logInAgain }, person, run)
}

/** Forms one after another; telemetry is sent along and nobody waits for it. */
async function doWrites(
  person: Person,
  run: RunContext,
  where: { readonly visit: PageVisit; readonly page: number },
): Promise<void> {
  const { visit, page } = where
  for (const position of visit.writes) {
    const write = pageOf(run, visit).writes[position]
    if (write === undefined) throw new RangeError(`page ${visit.type} has no write ${position}`)
    if (run.isEnding()) return
    if (!write.audited) {
      const attempt = new Attempt(person, run, run.world.nowMs() + run.pageDeadlineMs)
      const facts = { session: person.session, item: visit.item, key: `${write.name}-${page}` }
      // Telemetry has no key of its own: a beacon lost or doubled matters to nobody.
      const { key: _unused, ...beacon } = writeRequest(write, facts)
      void attempt.call(beacon)
    } else {
      const logInAgain = async (): Promise<boolean> => {
        run.recorder.person('loggedInAgain', person.session.startMs)
        const end = await logIn(person, run, { kind: 'again', intendedMs: run.world.nowMs() })
        if (end === 'whole') await fetchToken(person, run)
        return end === 'whole'
      }
      await makeWrite(write, person, { run, context: { page, item: visit.item, logInAgain } })
    }
  }
}

async function logOut(person: Person, run: RunContext): Promise<void> {
  const attempt = new Attempt(person, run, run.world.nowMs() + run.pageDeadlineMs)
  const request = documentRequest(run.portal.logout, { session: person.session })
  await attempt.call({ ...request, body: { text: '{}', contentType: 'application/json' } })
}

function pageOf(run: RunContext, visit: PageVisit): PortalPage {
  const page = run.portal.pages[visit.type]
  if (page === undefined) throw new RangeError(`portal ${run.portal.name} has no ${visit.type}`)
  return page
}
