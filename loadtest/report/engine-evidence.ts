import { LatencyHistogram, type LatencyHistogramData } from '../../core/latency-histogram.ts'
import { stayRatio } from '../engine/stay-sums.ts'
import type { LoadResult, PhaseResult } from '../engine/load-result.ts'
import type { ArmEvidence, OriginPhase, PageTypeEvidence, PhaseEvidence } from './evidence.ts'
import type { BilingualText, TimelineRow } from './result.ts'

/**
 * The engine's account of one arm as evidence, with what only others know: the clock of the
 * simulated day, the origin's own figures, the backlog of the write queue. Time in line at the
 * edge's pace is part of a page's response here: waiting is waiting. People who stood in line
 * before they logged in are counted as people, not as pages.
 */
export function armEvidence(facts: {
  readonly load: LoadResult
  readonly origin: Readonly<Record<string, OriginPhase>> | null
  /** Clock time of the simulated day, "08:53", at so many ms from the run's origin. */
  readonly clockAt: (atMs: number) => string
  /** Writes in the queue in that second, or null where there is none or nobody looked. */
  readonly backlogAt: (atMs: number) => number | null
}): ArmEvidence {
  const { load, origin, clockAt } = facts
  const { people, generator, leaks, total } = load
  return {
    phases: load.phases.map((phase) => phaseEvidence(phase, load.pageDeadlineMs, clockAt)),
    timeline: timelineOf(facts),
    byPageType: byPageType(total),
    people: {
      sessions: people.started,
      admitted: people.admitted,
      waited: people.waited,
      waitedMedianMs: LatencyHistogram.fromJSON(total.inLine).quantileMs(0.5),
      gaveUp: people.gaveUp,
      returned: people.returned,
    },
    saves: { saved: load.writes.saved, givenUp: load.writes.givenUp },
    leaks: { answersChecked: leaks.answersChecked, foreignCanaries: leaks.foreignCanaries },
    generator: {
      startLagP99Ms: generator.startLagP99Ms,
      startLagMaxMs: generator.startLagMaxMs,
      pageLagP99Ms: generator.pageLagP99Ms,
      eventLoopDelayP99Ms: generator.eventLoopDelayP99Ms,
      cpuRatio: generator.cpuRatio,
      deliveredRatio: generator.deliveredRatio,
    },
    generatorProblems: problemsOf(load),
    delivered: {
      sessions: people.started,
      pages: total.pages.intended,
      stay: stayRatio(load.stays),
    },
    origin,
  }
}

function phaseEvidence(
  phase: PhaseResult,
  pageDeadlineMs: number,
  clockAt: (atMs: number) => string,
): PhaseEvidence {
  const { name, fromMs, toMs, pages } = phase
  const { intended, whole, inSlo, refused } = pages
  return {
    name,
    fromMs,
    toMs,
    fromClock: clockAt(fromMs),
    // The very end already belongs to the next phase, whose clock may be hours later.
    toClock: clockAt(Math.max(fromMs, toMs - 1)),
    pages: {
      intended,
      // Logging in again and again is part of the storm.
      attempts: pages.attempts + phase.logins.attempts,
      begun: intended + phase.logins.intended,
      whole,
      inSlo,
      refused,
      failed: failedOf(pages),
    },
    response: phase.response,
    waitedInVain: notFasterThan(pageDeadlineMs, phase.censored),
  }
}

function timelineOf(facts: Parameters<typeof armEvidence>[0]): TimelineRow[] {
  const { load, clockAt, backlogAt } = facts
  const p95 = new Map(
    load.responseWindows.map(({ fromMs, response }) => [
      fromMs,
      LatencyHistogram.fromJSON(response).quantileMs(0.95),
    ]),
  )
  return load.timeline.map(
    (row): TimelineRow => ({
      atMs: row.atMs,
      clock: clockAt(row.atMs),
      intended: row.intended,
      served: row.inSlo + row.late,
      inSlo: row.inSlo,
      late: row.late,
      failed: failedOf(row),
      refused: row.refused,
      attempts: row.attempts,
      concurrent: row.concurrent,
      p95Ms: p95.get(Math.floor(row.atMs / windowMs) * windowMs) ?? null,
      poolUsefulRatio: null,
      backlog: backlogAt(row.atMs),
    }),
  )
}

/** The engine's windows of `responseWindows`. */
const windowMs = 10_000

function failedOf(fates: { failed: number; abandoned: number; unfinished: number }): number {
  return fates.failed + fates.abandoned + fates.unfinished
}

function byPageType(total: PhaseResult): PageTypeEvidence[] {
  return Object.entries(total.byPageType).map(([type, { intended, inSlo, response }]) => ({
    type,
    intended,
    inSlo,
    response,
  }))
}

/**
 * Only the waits of at least `ms`: quick failures would pull a percentile down, and are counted
 * as errors already. The sum is left as it was; percentiles do not look at it.
 */
function notFasterThan(ms: number, data: LatencyHistogramData): LatencyHistogramData {
  const limit = new LatencyHistogram()
  limit.record(ms)
  const first = limit.toJSON().buckets[0]?.[0] ?? 0
  return { ...data, buckets: data.buckets.filter(([bucket]) => bucket >= first) }
}

function problemsOf(load: LoadResult): { id: string; text: BilingualText }[] {
  const problems: { id: string; text: BilingualText }[] = []
  if (load.endedBy === 'stopped') {
    const text = { fr: 'le tir a été interrompu', en: 'the run was interrupted' }
    problems.push({ id: 'interrupted', text })
  }
  const { localFailures } = load.generator
  if (localFailures > 0) {
    const text = {
      fr: `${localFailures} requêtes sans port ni descripteur libre`,
      en: `${localFailures} requests found no free port or file descriptor`,
    }
    problems.push({ id: 'local-failures', text })
  }
  return problems
}
