import { missedRatio } from './page-figures.ts'
import type {
  ArmOutcome,
  ArmResult,
  InvalidReason,
  PhaseResult,
  Result,
  SloResult,
  TimelineRow,
  Verdict,
  WriteResult,
} from './result.ts'

/** Length of the windows in which a break is looked for. */
export const breakWindowMs = 10_000

/** Pages a window must have before it can be called broken: five late out of eight is luck. */
export const breakPagesMin = 20

/** Pages `before` and the end of `after` must each have before recovery is judged. */
export const recoveryPagesMin = 30

/**
 * Clock time of the first 10-s window (aligned to the run's origin) in which more than half of
 * the intended pages were late or lost, or null. Refusals count: nobody got in that way.
 */
export function breakTime(timeline: readonly TimelineRow[]): string | null {
  const windows = new Map<number, { clock: string; pagesIntended: number; pagesInSlo: number }>()
  for (const row of timeline) {
    const index = Math.floor(row.atMs / breakWindowMs)
    const window = windows.get(index) ?? { clock: row.clock, pagesIntended: 0, pagesInSlo: 0 }
    window.pagesIntended += row.intended
    window.pagesInSlo += row.inSlo
    windows.set(index, window)
  }
  const broken = [...windows]
    .filter(([, window]) => window.pagesIntended >= breakPagesMin && missedRatio(window) > 0.5)
    .sort(([a], [b]) => a - b)
  return broken[0]?.[1].clock ?? null
}

/**
 * Whether the last third of phase `after` has at least 0.95 of the share of pages in time that
 * `before` had. The two phases carry the same load, so nothing but a lasting wound explains less.
 * Null when a phase is missing or has too few pages.
 */
export function hasRecovered(
  timeline: readonly TimelineRow[],
  phases: readonly Pick<PhaseResult, 'name' | 'fromMs' | 'toMs'>[],
): boolean | null {
  const before = phases.find((phase) => phase.name === 'before')
  const after = phases.find((phase) => phase.name === 'after')
  if (before === undefined || after === undefined) return null
  const lastThirdMs = after.toMs - (after.toMs - after.fromMs) / 3
  const was = pagesBetween(timeline, before.fromMs, before.toMs)
  const is = pagesBetween(timeline, lastThirdMs, after.toMs)
  if (was.intended < recoveryPagesMin || is.intended < recoveryPagesMin) return null
  // Multiplied out, so that the exact boundary is not lost in a division.
  return is.inSlo * was.intended >= 0.95 * was.inSlo * is.intended
}

/** An arm holds when every limit that could be judged holds, nothing broke, and it recovered. */
export function armOutcome(facts: {
  readonly slos: readonly SloResult[]
  readonly brokeAt: string | null
  readonly recovered: boolean | null
}): ArmOutcome {
  const isBroken =
    facts.brokeAt !== null ||
    facts.recovered === false ||
    facts.slos.some((slo) => slo.holds === false)
  if (isBroken) return 'breaks'
  // Whole-run limits alone (no leak, nothing lost) say nothing about service.
  return facts.slos.some((slo) => slo.phase !== null && slo.holds) ? 'holds' : 'not-judged'
}

/** The verdict is about the edge arm when it was run, else about the direct arm. */
export function overallVerdict(facts: {
  readonly invalidReasons: readonly InvalidReason[]
  readonly arms: Readonly<Record<'direct' | 'edge', Pick<ArmResult, 'outcome'> | null>>
  readonly writes: WriteResult
}): { readonly verdict: Verdict; readonly exitCode: Result['exitCode'] } {
  const judged = facts.arms.edge ?? facts.arms.direct
  if (facts.invalidReasons.length > 0 || judged === null || judged.outcome === 'not-judged') {
    return { verdict: 'invalid', exitCode: 4 }
  }
  const { lost, duplicated } = facts.writes
  if ((lost ?? 0) > 0 || (duplicated ?? 0) > 0) return { verdict: 'fail', exitCode: 5 }
  if (judged.outcome === 'breaks') return { verdict: 'fail', exitCode: 3 }
  return { verdict: 'pass', exitCode: 0 }
}

/** The phase a verdict quotes: the largest share of pages late or lost, then the slowest. */
export function worstPhase(phases: readonly PhaseResult[]): PhaseResult | undefined {
  let worst: PhaseResult | undefined
  for (const phase of phases) {
    if (worst === undefined || isWorse(phase, worst)) worst = phase
  }
  return worst
}

/** More pages missed; where as many are, slower ones: a run that holds is told by its hard part. */
function isWorse(phase: PhaseResult, than: PhaseResult): boolean {
  const difference = missedRatio(phase) - missedRatio(than)
  return difference > 0 || (difference === 0 && (phase.p95Ms ?? 0) > (than.p95Ms ?? 0))
}

function pagesBetween(timeline: readonly TimelineRow[], fromMs: number, toMs: number) {
  let intended = 0
  let inSlo = 0
  for (const row of timeline) {
    if (row.atMs < fromMs || row.atMs >= toMs) continue
    intended += row.intended
    inSlo += row.inSlo
  }
  return { intended, inSlo }
}
