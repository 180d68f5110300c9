import type { Portal, PortalRequest } from '../../scenarios/portals/portal.ts'
import { assetPath } from '../engine/page-requests.ts'
import type { Schedule } from '../schedule/plan.ts'
import type { Session } from '../schedule/session.ts'

/** One session as `scenarios/k6/replay-client.ts` plays it. */
export interface K6Session {
  readonly atMs: number
  readonly warmMs?: number
  readonly account: number
  readonly school: number
  readonly classId: number
  readonly role: string
  readonly logsOut: boolean
  readonly pages: Session['pages']
}

/** What all sessions share. */
export interface K6Run {
  readonly scheduleHash: string
  readonly preludeMs: number
  readonly durationMs: number
  readonly deadlineMs: number
  /** Virtual users: one plays one session at a time, so at least as many as are inside at once. */
  readonly vus: number
  readonly phases: readonly { name: string; fromMs: number; toMs: number }[]
  readonly portal: unknown
}

/** Pace of the prelude; a login costs k6 more than our engine. */
const warmPaceMs = 20

/**
 * The schedule for k6, in the order in which sessions act first: iteration i of the script is
 * session i. People already inside log in during a prelude, as with our engine.
 */
export function exportForK6(
  schedule: Schedule,
  facts: { readonly portal: Portal; readonly hash: string; readonly vus?: number | undefined },
): { readonly run: K6Run; readonly sessions: readonly K6Session[] } {
  const { durationMs, phases, request } = schedule
  const all = Array.from({ length: schedule.sessionCount }, (_, i) => schedule.sessionAt(i))
  const warm = all.filter(({ startMs }) => startMs < 0)
  const preludeMs = Math.max(5_000, 1_000 + warm.length * warmPaceMs)
  const sessions = [
    ...warm.map((session, i) => ({ ...played(session), warmMs: i * warmPaceMs })),
    ...all.filter(({ startMs }) => startMs >= 0).map(played),
  ]
  const answerMs = request.profile.answerMs.value
  return {
    sessions,
    run: {
      scheduleHash: facts.hash,
      preludeMs,
      durationMs,
      deadlineMs: request.scenario.slo.pageDeadlineMs,
      vus: facts.vus ?? virtualUsers(sessions, { preludeMs, durationMs, answerMs }),
      phases: phases.map(({ name, fromMs, toMs }) => ({ name, fromMs, toMs })),
      portal: withAssetPaths(facts.portal),
    },
  }
}

function played(session: Session): K6Session {
  const { role, account, school, classId, logsOut, pages, firstPage, resumeAtMs } = session
  const rest = pages.slice(firstPage)
  return { atMs: resumeAtMs, role, account, school, classId, logsOut, pages: rest }
}

/** Most sessions at once with answers three times as slow as usual, and a tenth more. */
function virtualUsers(
  sessions: readonly K6Session[],
  run: { readonly preludeMs: number; readonly durationMs: number; readonly answerMs: number },
): number {
  const ends = sessions.flatMap(({ atMs, warmMs, pages }) => {
    const comes = warmMs === undefined ? atMs : warmMs - run.preludeMs
    const stay = pages.reduce((sum, { thinkMs }) => sum + thinkMs + 3 * run.answerMs, 0)
    return [
      { ms: comes, change: 1 },
      { ms: Math.min(run.durationMs, atMs + stay), change: -1 },
    ]
  })
  ends.sort((a, b) => a.ms - b.ms)
  let [inside, most] = [0, 0]
  for (const { change } of ends) {
    inside += change
    most = Math.max(most, inside)
  }
  return Math.max(1, Math.min(sessions.length, Math.ceil(most * 1.1) + 5))
}

function withAssetPaths(portal: Portal): unknown {
  const pages = Object.fromEntries(
    Object.entries(portal.pages).map(([name, page]) => [
      name,
      {
        document: called(page.document),
        data: page.data.map(called),
        assets: page.assets.map(assetPath),
        writes: page.writes.map((write) => ({ ...called(write), name: write.name })),
      },
    ]),
  )
  const login = portal.login.map((step) => ({ ...called(step), expect: step.expect }))
  return { login, logout: called(portal.logout), pages }
}

function called({ method, path, service, bodyBytes }: PortalRequest) {
  return { method, path, service, ...(bodyBytes !== undefined && { bodyBytes }) }
}
