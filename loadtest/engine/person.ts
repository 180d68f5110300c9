import type { RandomStream } from '../../core/random.ts'
import { randomStream } from '../../core/random.ts'
import type { Portal } from '../../scenarios/portals/portal.ts'
import type { Session } from '../schedule/session.ts'
import { CookieJar } from './cookie-jar.ts'
import { assetPath, type PortalFacts } from './page-requests.ts'
import type { Exchange, OutgoingRequest } from './portal-answer.ts'
import type { Recorder } from './recorder.ts'
import type { UserModel } from './user-model.ts'

/** Time and network as sessions see them; a test may put numbers in their place. */
export interface LoadWorld {
  /** Monotonic ms from the run's origin; negative during the prelude. */
  nowMs(): number
  /** Epoch ms of a moment of the run. */
  wallAtMs(runMs: number): number
  /** Calls `action` after `delayMs`; the answer cancels it. */
  after(delayMs: number, action: () => void): () => void
  send(request: OutgoingRequest): Exchange
}

/** Everything the sessions of one run share. */
export interface RunContext {
  readonly world: LoadWorld
  readonly portal: Portal
  readonly facts: PortalFacts
  /** Scheme, host and port of the target. */
  readonly origin: string
  readonly runId: string
  readonly seed: number | string
  readonly users: UserModel
  readonly pageDeadlineMs: number
  readonly endMs: number
  /** What the plan takes an answer to last. */
  readonly plannedAnswerMs: number
  readonly recorder: Recorder
  /** True once no new page, refresh or write may begin. */
  isEnding(): boolean
}

/** One person with a browser, for the length of a session. */
export interface Person {
  readonly session: Session
  readonly jar: CookieJar
  /** Addresses of assets in the browser's cache. */
  readonly held: Set<string>
  readonly random: RandomStream
  formToken: string | undefined
  /** Distinguishes the keys of one person's writes. */
  writesMade: number
  hasWaited: boolean
  hasGivenUp: boolean
  /** From the start of the first page to that of the last so far, and as planned. */
  stay: { playedMs: number; plannedMs: number }
}

/** A person as the session finds them; someone already inside has seen the earlier pages. */
export function buildPerson(session: Session, run: RunContext): Person {
  const held = new Set<string>()
  for (const visit of session.pages.slice(0, session.firstPage)) {
    for (const name of run.portal.pages[visit.type]?.assets ?? []) held.add(assetPath(name))
  }
  return {
    session,
    jar: new CookieJar(),
    held,
    random: randomStream(run.seed, 'person', session.index),
    formToken: undefined,
    writesMade: 0,
    hasWaited: false,
    hasGivenUp: false,
    stay: { playedMs: 0, plannedMs: 0 },
  }
}

/** Resolves after `delayMs` of the run's time; at once when that is past. */
export async function pause(world: LoadWorld, delayMs: number): Promise<void> {
  if (delayMs <= 0) return
  await new Promise<void>((resolve) => {
    world.after(delayMs, resolve)
  })
}
