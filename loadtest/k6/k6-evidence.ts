import { LatencyHistogram } from '../../core/latency-histogram.ts'
import type { ArmEvidence, PhaseEvidence } from '../report/evidence.ts'
import type { TimelineRow } from '../report/result.ts'
import type { K6Run } from './k6-export.ts'
import type { K6Point } from './k6-points.ts'

interface Counts {
  intended: number
  attempts: number
  logins: number
  whole: number
  inSlo: number
  failed: number
  response: LatencyHistogram
  censored: LatencyHistogram
}

/**
 * What k6's points say of a run, by the phase and the second of the intended start. Points of
 * several machines may be added one after another, in any order: they are merged before any
 * percentile is taken.
 */
export class K6Evidence {
  private readonly run: K6Run
  private readonly phases: Counts[]
  private readonly seconds: Counts[]
  private readonly types = new Map<string, Counts>()
  private readonly startLag = new LatencyHistogram()
  private readonly pageLag = new LatencyHistogram()
  private readonly inside: number[]
  private originMs: number | undefined
  private started = 0
  private admitted = 0
  /** Points that came before the origin was known. */
  private early: K6Point[] = []

  constructor(run: K6Run) {
    this.run = run
    this.phases = run.phases.map(emptyCounts)
    const seconds = Math.ceil(run.durationMs / 1000)
    this.seconds = Array.from({ length: seconds }, emptyCounts)
    this.inside = Array.from({ length: seconds + 1 }, () => 0)
  }

  /** Sessions that began, to compare with those scheduled. */
  get sessionsStarted(): number {
    return this.started
  }

  add(point: K6Point): void {
    if (point.metric === 'run_origin') {
      this.originMs ??= point.value
      const { early } = this
      this.early = []
      for (const one of early) this.add(one)
    } else if (this.originMs === undefined) this.early.push(point)
    else this.count(point, point.atMs - this.originMs)
  }

  evidence(facts: {
    readonly scheduled: number
    readonly clockAt: (atMs: number) => string
  }): ArmEvidence {
    const { run } = this
    let concurrent = 0
    const timeline = this.seconds.map((second, i): TimelineRow => {
      concurrent += this.inside[i] as number
      return timelineRow(second, { atMs: i * 1000, concurrent, clock: facts.clockAt(i * 1000) })
    })
    return {
      phases: run.phases.map((phase, i) =>
        phaseEvidence(phase, { counts: this.phases[i] as Counts, clockAt: facts.clockAt }),
      ),
      timeline,
      byPageType: [...this.types].map(([type, { intended, inSlo, response }]) => ({
        type,
        intended,
        inSlo,
        response: response.toJSON(),
      })),
      people: {
        sessions: this.started,
        admitted: this.admitted,
        waited: 0,
        waitedMedianMs: null,
        gaveUp: 0,
        returned: 0,
      },
      saves: { saved: new LatencyHistogram().toJSON(), givenUp: new LatencyHistogram().toJSON() },
      leaks: { answersChecked: null, foreignCanaries: null },
      generator: {
        startLagP99Ms: this.startLag.quantileMs(0.99),
        startLagMaxMs: this.startLag.count === 0 ? null : this.startLag.maxMs,
        pageLagP99Ms: this.pageLag.quantileMs(0.99),
        eventLoopDelayP99Ms: null,
        cpuRatio: null,
        deliveredRatio: facts.scheduled === 0 ? 1 : this.started / facts.scheduled,
      },
      generatorProblems: [],
      delivered: {
        sessions: this.started,
        pages: this.phases.reduce((sum, { intended }) => sum + intended, 0),
        stay: null,
      },
      origin: null,
    }
  }

  private count({ metric, value, tags }: K6Point, endMs: number): void {
    const second = Math.max(0, Math.min(this.inside.length - 1, Math.floor(endMs / 1000)))
    switch (metric) {
      case 'session_start_lag':
        this.startLag.record(value)
        this.started += 1
        this.inside[second] = (this.inside[second] as number) + 1
        return
      case 'sessions_ended':
        this.inside[second] = (this.inside[second] as number) - 1
        return
      case 'page_lag':
        this.pageLag.record(value)
        return
      case 'login_ok':
        this.admitted += value
        for (const counts of this.countsAt(endMs)) counts.logins += 1
        return
      case 'page_attempts':
        for (const counts of this.countsAt(endMs)) counts.attempts += value
        return
      case 'page_response':
        this.countPage({ value, tags }, endMs - value)
    }
  }

  private countPage({ value, tags }: Pick<K6Point, 'value' | 'tags'>, intendedMs: number): void {
    const isWhole = tags['fate'] === 'whole'
    const type = tags['page'] ?? 'unknown'
    let ofType = this.types.get(type)
    if (ofType === undefined) this.types.set(type, (ofType = emptyCounts()))
    for (const counts of [...this.countsAt(intendedMs), ofType]) {
      counts.intended += 1
      if (isWhole) {
        counts.whole += 1
        counts.inSlo += value <= this.run.deadlineMs ? 1 : 0
        counts.response.record(value)
      } else {
        counts.failed += 1
        // A quick failure must not improve a percentile.
        if (value >= this.run.deadlineMs) counts.censored.record(value)
      }
    }
  }

  private countsAt(atMs: number): Counts[] {
    const { phases } = this.run
    // A page that was meant for the first instant may be measured a fraction of a ms before it.
    const heldMs = Math.max(0, atMs)
    const phase = phases.findIndex(({ toMs }) => heldMs < toMs)
    const found = [this.phases[phase], this.seconds[Math.floor(heldMs / 1000)]]
    return found.filter((counts) => counts !== undefined)
  }
}

function phaseEvidence(
  { name, fromMs, toMs }: K6Run['phases'][number],
  { counts, clockAt }: { readonly counts: Counts; readonly clockAt: (atMs: number) => string },
): PhaseEvidence {
  const { intended, attempts, logins, whole, inSlo, failed, response, censored } = counts
  return {
    name,
    fromMs,
    toMs,
    fromClock: clockAt(fromMs),
    // The very end already belongs to the next phase, whose clock may be hours later.
    toClock: clockAt(Math.max(fromMs, toMs - 1)),
    pages: {
      intended,
      attempts: attempts + logins,
      begun: intended + logins,
      whole,
      inSlo,
      failed,
      refused: 0,
    },
    response: response.toJSON(),
    waitedInVain: censored.toJSON(),
  }
}

function timelineRow(
  { intended, attempts, whole, inSlo, failed, response }: Counts,
  at: { readonly atMs: number; readonly clock: string; readonly concurrent: number },
): TimelineRow {
  return {
    ...at,
    intended,
    served: whole,
    inSlo,
    late: whole - inSlo,
    failed,
    refused: 0,
    attempts,
    p95Ms: response.quantileMs(0.95),
    poolUsefulRatio: null,
    backlog: null,
  }
}

function emptyCounts(): Counts {
  return {
    intended: 0,
    attempts: 0,
    logins: 0,
    whole: 0,
    inSlo: 0,
    failed: 0,
    response: new LatencyHistogram(),
    censored: new LatencyHistogram(),
  }
}
