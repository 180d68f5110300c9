import type { Portal } from '../../scenarios/portals/portal.ts'
import type { Session } from '../schedule/session.ts'
import type { LoadResult } from './load-result.ts'
import { portalFacts } from './page-requests.ts'
import { buildPerson, type LoadWorld, type RunContext } from './person.ts'
import type { Answer, OutgoingRequest } from './portal-answer.ts'
import { Recorder } from './recorder.ts'
import { playSession } from './session-player.ts'
import { defaultUserModel, type UserModel } from './user-model.ts'

/** What a simulated portal says to a request, and after how long (1 ms unless told). */
export type SimulatedPortal = (
  request: OutgoingRequest,
  atMs: number,
) => Answer & { readonly afterMs?: number }

/** A run without sockets or waiting. */
export interface SimulatedRequest {
  readonly portal: Portal
  readonly says: SimulatedPortal
  readonly users?: Partial<UserModel>
  readonly sessions: readonly Session[]
  readonly endMs?: number
  /** Resolves once every promise that can go on has gone on. */
  readonly settled: () => Promise<unknown>
}

/** What a simulated run tells. */
export interface SimulatedResult extends Pick<LoadResult, 'total' | 'people' | 'writes' | 'stays'> {
  readonly sent: readonly OutgoingRequest[]
  /** When the last session ended. */
  readonly endedAtMs: number
}

/** Plays sessions one after another, each from time zero, on a clock that jumps. */
export async function simulate(request: SimulatedRequest): Promise<SimulatedResult> {
  const { portal, sessions, settled, endMs = 3_600_000 } = request
  const recorder = new Recorder([{ name: 'all', fromMs: 0, toMs: endMs }])
  const sent: OutgoingRequest[] = []
  const time = new JumpingTime()
  const run: RunContext = {
    world: simulatedWorld(time, (outgoing) => {
      sent.push(outgoing)
      return request.says(outgoing, time.nowMs)
    }),
    portal,
    facts: portalFacts(portal),
    origin: 'http://127.0.0.1:1',
    runId: 'run',
    seed: 1,
    users: { ...defaultUserModel, ...request.users },
    pageDeadlineMs: 3_000,
    endMs,
    plannedAnswerMs: 0,
    recorder,
    isEnding: () => time.nowMs >= endMs,
  }
  let endedAtMs = 0
  for (const session of sessions) {
    time.restart()
    const progress = { isOver: false }
    void playSession(buildPerson(session, run), run).then(() => {
      progress.isOver = true
    })
    await settled()
    while (!progress.isOver && time.jump()) await settled()
    endedAtMs = time.nowMs
  }
  recorder.close(endedAtMs)
  const { total, stays } = recorder.results()
  const writes = recorder.writes.result()
  return { total, stays, people: recorder.people, sent, writes, endedAtMs }
}

/** A clock that stands still until it jumps to the next timer. */
class JumpingTime {
  nowMs = 0
  private timers: { readonly atMs: number; readonly act: () => void }[] = []

  restart(): void {
    this.nowMs = 0
    this.timers = []
  }

  after(delayMs: number, act: () => void): () => void {
    const timer = { atMs: this.nowMs + delayMs, act }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((other) => other !== timer)
    }
  }

  /** Goes to the next timer and lets it act; false when there is none. */
  jump(): boolean {
    this.timers.sort((a, b) => a.atMs - b.atMs)
    const next = this.timers.shift()
    if (next === undefined) return false
    this.nowMs = next.atMs
    next.act()
    return true
  }
}

function simulatedWorld(
  time: JumpingTime,
  says: (outgoing: OutgoingRequest) => ReturnType<SimulatedPortal>,
): LoadWorld {
  return {
    nowMs: () => time.nowMs,
    wallAtMs: (runMs) => 1_000_000 + runMs,
    after: (delayMs, act) => time.after(delayMs, act),
    send(outgoing) {
      const { afterMs = 1, ...answer } = says(outgoing)
      const { promise, resolve } = Promise.withResolvers<Answer>()
      const cancel = time.after(afterMs, () => resolve(answer))
      return {
        answer: promise,
        abort() {
          cancel()
          resolve({ kind: 'aborted' })
        },
      }
    },
  }
}
