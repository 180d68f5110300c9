import type { LiveState } from '../report/live-screen.ts'
import type { RehearsalProgress } from './rehearsal-process.ts'

const historyMax = 60
/** Start lag from which the generator is strained, and from which the run will be invalid, in ms. */
const strainedLagMs = 25
const failingLagMs = 50

/** Turns what the engine says each second into what the screen shows, with a little memory. */
export class LiveStates {
  private arm = ''
  private p95HistoryMs: number[] = []
  private lastTenth = -1

  after({ arm, snapshot, clock, backlog }: RehearsalProgress): LiveState {
    if (arm !== this.arm) {
      this.arm = arm
      this.p95HistoryMs = []
      this.lastTenth = -1
    }
    const { second, recentP95Ms, startLagP99Ms } = snapshot
    if (recentP95Ms !== null)
      this.p95HistoryMs = [...this.p95HistoryMs, recentP95Ms].slice(-historyMax)
    return {
      arm: arm === 'direct' ? 'direct' : 'with the edge',
      phase: snapshot.phase,
      clock,
      elapsedMs: Math.max(0, snapshot.atMs),
      totalMs: snapshot.endMs,
      offeredPerSecond: second?.intended ?? 0,
      servedPerSecond: second?.served ?? 0,
      latePerSecond: (second?.late ?? 0) + (second?.failed ?? 0) + (second?.abandoned ?? 0),
      refusedPerSecond: second?.turnedAway ?? 0,
      concurrent: snapshot.sessions,
      p95Ms: recentP95Ms,
      p95HistoryMs: this.p95HistoryMs,
      backlog,
      generator: lightOf(startLagP99Ms),
    }
  }

  /** True once in every ten seconds of an arm: when a log takes its line. */
  isTenth({ snapshot }: RehearsalProgress): boolean {
    const tenth = Math.floor(snapshot.atMs / 10_000)
    if (snapshot.atMs < 0 || tenth <= this.lastTenth) return false
    this.lastTenth = tenth
    return true
  }
}

function lightOf(startLagP99Ms: number): LiveState['generator'] {
  if (startLagP99Ms > failingLagMs) return 'failing'
  return startLagP99Ms > strainedLagMs ? 'strained' : 'ok'
}
