import type { ArmEvidence, PhaseEvidence, SloLimits } from './evidence.ts'
import { pageFigures, saveFigures } from './page-figures.ts'
import type { Leaks, SloId, SloResult, WriteResult } from './result.ts'

/** Service a person calls normal: pages in time, no errors, no reason to reload, nothing lost. */
export const defaultSloLimits: SloLimits = {
  p95Ms: 800,
  p99Ms: 3000,
  errorRatio: 0.005,
  amplification: 1.05,
  // Below a page's deadline, at which forms given up count.
  saveP95Ms: 2000,
  writesLost: 0,
  pageDeadlineMs: 3000,
}

/**
 * Pages a phase must have before a figure is judged: the percentile needs a few pages beyond it,
 * and one failure must not be more than the whole error budget.
 */
export const sampleMinimum: Readonly<Partial<Record<SloId, number>>> = {
  p95: 100,
  p99: 300,
  'error-ratio': 200,
  amplification: 100,
  'save-p95': 100,
}

/** Every limit in every phase, then what concerns the whole arm. */
export function evaluateSlos(facts: {
  readonly evidence: ArmEvidence
  readonly limits: SloLimits
  /** Null where writes are not audited for this arm. */
  readonly writes: WriteResult | null
}): readonly SloResult[] {
  const { evidence, limits, writes } = facts
  const ofPhases = evidence.phases.flatMap((phase) => phaseSlos(phase, limits))
  const saves = saveFigures(evidence.saves)
  const slos = [
    ...ofPhases,
    judge({
      id: 'save-p95',
      phase: null,
      limit: limits.saveP95Ms,
      actual: saves.p95Ms,
      sample: saves.forms,
    }),
    leakSlo(evidence.leaks),
  ]
  if (writes === null) return slos
  const sample = writes.acknowledged ?? 0
  return [
    ...slos,
    judge({
      id: 'writes-lost',
      phase: null,
      limit: limits.writesLost,
      actual: writes.lost,
      sample,
    }),
    judge({ id: 'writes-duplicated', phase: null, limit: 0, actual: writes.duplicated, sample }),
  ]
}

function phaseSlos(phase: PhaseEvidence, limits: SloLimits): SloResult[] {
  const figures = pageFigures([phase])
  const rows: readonly [SloId, number, number | null][] = [
    ['p95', limits.p95Ms, figures.p95Ms],
    ['p99', limits.p99Ms, figures.p99Ms],
    ['error-ratio', limits.errorRatio, figures.errorRatio],
    ['amplification', limits.amplification, figures.amplification],
  ]
  return rows.map(([id, limit, actual]) =>
    judge({ id, phase: phase.name, limit, actual, sample: phase.pages.intended }),
  )
}

function leakSlo(leaks: Leaks): SloResult {
  const { answersChecked, foreignCanaries } = leaks
  const sample = answersChecked ?? 0
  // No answer looked at is no proof that nothing leaked.
  const actual = sample === 0 ? null : foreignCanaries
  return judge({ id: 'foreign-canaries', phase: null, limit: 0, actual, sample })
}

function judge(row: Omit<SloResult, 'holds'>): SloResult {
  const isJudged = row.actual !== null && row.sample >= (sampleMinimum[row.id] ?? 0)
  if (!isJudged) return { ...row, actual: null, holds: null }
  return { ...row, holds: row.actual <= row.limit }
}
