import { LatencyHistogram } from '../../core/latency-histogram.ts'
import { deliveredMultiplier } from './delivered-multiplier.ts'
import type { ArmEvidence, RunEvidence, SloLimits } from './evidence.ts'
import { judgeGenerator, reasonsOf } from './generator-verdict.ts'
import { explainNulls } from './not-measured.ts'
import { goodputRatio, pageFigures, saveFigures } from './page-figures.ts'
import type { ArmResult, InvalidReason, Leaks, PhaseResult, Result, WriteResult } from './result.ts'
import { armSentence, overallSentence } from './sentence.ts'
import { evaluateSlos } from './slo.ts'
import { armOutcome, breakTime, hasRecovered, overallVerdict } from './verdict.ts'

/** Judges a run: one `Result`, of which every file and screen is a view. */
export function assembleResult(run: RunEvidence): Result {
  const { schedule, limits } = run
  const writes = writeResult(run.writes)
  const evidence = [run.arms.direct, run.arms.edge].filter((arm) => arm !== null)
  const generator = judgeGenerator(evidence.map((arm) => arm.generator))
  const invalidReasons = [...reasonsOf(generator.checks), ...problemsOf(evidence)]
  const isValid = invalidReasons.length === 0
  const arms = {
    direct:
      run.arms.direct && armResult({ evidence: run.arms.direct, limits, writes: null, isValid }),
    edge: run.arms.edge && armResult({ evidence: run.arms.edge, limits, writes, isValid }),
  }
  const { verdict, exitCode } = overallVerdict({ invalidReasons, arms, writes })
  const multiplier = deliveredMultiplier(schedule, (run.arms.edge ?? run.arms.direct)?.delivered)
  const result: Result = {
    schemaVersion: 1,
    startedAt: run.startedAt,
    valid: isValid,
    invalidReasons,
    verdict,
    verdictText: overallSentence({ verdict, invalidReasons, arms, writes }),
    exitCode,
    scenario: run.scenario,
    seed: schedule.seed,
    scheduleHash: schedule.hash,
    scale: schedule.scale,
    mode: schedule.mode,
    fidelity: schedule.fidelity,
    multipliers: {
      sessions: multiplier('sessions'),
      pages: multiplier('pages'),
      duration: multiplier('duration'),
    },
    pageDeadlineMs: limits.pageDeadlineMs,
    arms,
    writes,
    leaks: totalLeaks(evidence),
    generator,
    protectionsOff: run.protectionsOff,
    troubles: run.troubles,
    notMeasured: run.notMeasured,
    reproduce: run.reproduce,
    versions: run.versions,
  }
  return { ...result, notMeasured: explainNulls(result, run) }
}

function armResult(facts: {
  readonly evidence: ArmEvidence
  readonly limits: SloLimits
  readonly writes: WriteResult | null
  readonly isValid: boolean
}): ArmResult {
  const { evidence, isValid } = facts
  const phases = evidence.phases.map((phase): PhaseResult => {
    const { name, fromClock, toClock, fromMs, toMs } = phase
    const goodput = goodputRatio(evidence.origin?.[name])
    const figures = { goodputRatio: goodput, ...pageFigures([phase]) }
    return { name, fromClock, toClock, fromMs, toMs, ...figures }
  })
  const slos = evaluateSlos(facts)
  const brokeAt = breakTime(evidence.timeline)
  const recovered = hasRecovered(evidence.timeline, phases)
  const arm = {
    // An invalid run judges nobody: what looks like a break may be the generator's own.
    outcome: isValid ? armOutcome({ slos, brokeAt, recovered }) : ('not-judged' as const),
    brokeAt,
    goodputRatio: goodputRatio(evidence.origin?.['peak']),
    ...pageFigures(evidence.phases),
    recovered,
    slos,
    phases,
    people: evidence.people,
    timeline: evidence.timeline,
    byPageType: evidence.byPageType.map(({ response, ...counts }) => {
      const histogram = LatencyHistogram.fromJSON(response)
      return { ...counts, p50Ms: histogram.quantileMs(0.5), p95Ms: histogram.quantileMs(0.95) }
    }),
    saves: saveFigures(evidence.saves),
    leaks: evidence.leaks,
  }
  return { ...arm, text: armSentence(arm) }
}

function problemsOf(evidence: readonly ArmEvidence[]): InvalidReason[] {
  return evidence.flatMap((arm) => arm.generatorProblems.map(({ id, text }) => ({ id, ...text })))
}

function totalLeaks(evidence: readonly ArmEvidence[]): Leaks {
  const total = (count: keyof Leaks): number | null => {
    const known = evidence.map((arm) => arm.leaks[count]).filter((value) => value !== null)
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
  }
  return { answersChecked: total('answersChecked'), foreignCanaries: total('foreignCanaries') }
}

function writeResult(audit: RunEvidence['writes']): WriteResult {
  if (!('notAudited' in audit)) return { audit: 'complete', ...audit }
  return {
    audit: 'not audited',
    acknowledged: null,
    applied: null,
    deadLettered: null,
    lost: null,
    duplicated: null,
    ghost: null,
    lostUpperBoundRatio: null,
    lostKeys: [],
    duplicatedKeys: [],
  }
}
