import type { LoadSnapshot } from '../engine/load-result.ts'

/** What the live page shows of an arm: seen by the engine, then what the edge says of itself. */
export const rehearsalFigures = [
  'askedPerSecond',
  'inTimePerSecond',
  'latePerSecond',
  'attemptsPerSecond',
  'turnedAwayPerSecond',
  'insideSessions',
  'p95Ms',
  'backlogWrites',
  'waitingPeople',
  'storedShareRatio',
  'inFlight',
  'queued',
  'slots',
  'queueP95Ms',
  'edgeP95Ms',
  'redisP95Ms',
  'portalP95Ms',
  'identityP95Ms',
  'throughGoodRatio',
  'aroundGoodRatio',
] as const

type Figures = Readonly<Record<string, number | null>>

/** Turns what the engine says each second into rows of the live feed. */
export class LiveRows {
  private arm = ''
  private inTimeBefore = 0

  /**
   * A page counts in the second in which it became whole: in time or too late. `edge` is what the
   * edge said last, empty in the arm without one; what both know, the engine says.
   */
  after(
    arm: string,
    snapshot: LoadSnapshot,
    { backlog, edge }: { readonly backlog: number | null; readonly edge: Figures },
  ): Figures {
    if (arm !== this.arm) this.inTimeBefore = 0
    this.arm = arm
    const inTime = Math.max(0, snapshot.pagesInSlo - this.inTimeBefore)
    this.inTimeBefore = snapshot.pagesInSlo
    const { second } = snapshot
    return {
      ...edge,
      askedPerSecond: second?.intended ?? null,
      inTimePerSecond: inTime,
      latePerSecond: second === null ? null : Math.max(0, second.served - inTime),
      attemptsPerSecond: second?.attempts ?? null,
      turnedAwayPerSecond: second?.turnedAway ?? null,
      insideSessions: snapshot.sessions,
      p95Ms: snapshot.recentP95Ms,
      backlogWrites: backlog,
    }
  }
}
