import { LatencyHistogram } from '../../core/latency-histogram.ts'
import type { OriginPhase, PageCounts, PhaseEvidence, SaveEvidence } from './evidence.ts'
import type { PageFigures, SaveFigures } from './result.ts'

/** Figures of several phases as if they were one: counts add, histograms merge first. */
export function pageFigures(phases: readonly PhaseEvidence[]): Omit<PageFigures, 'goodputRatio'> {
  const waits = new LatencyHistogram()
  for (const phase of phases) {
    waits.merge(LatencyHistogram.fromJSON(phase.response))
    waits.merge(LatencyHistogram.fromJSON(phase.waitedInVain))
  }
  const sum = (count: keyof PageCounts): number =>
    phases.reduce((total, phase) => total + phase.pages[count], 0)
  const intended = sum('intended')
  return {
    pagesIntended: intended,
    pagesInSlo: sum('inSlo'),
    amplification: ratio(sum('attempts'), sum('begun')),
    p50Ms: waits.quantileMs(0.5),
    p95Ms: waits.quantileMs(0.95),
    p99Ms: waits.quantileMs(0.99),
    errorRatio: ratio(sum('failed'), intended),
    refusedRatio: ratio(sum('refused'), intended),
  }
}

/** How long people had to wait until what they had written was safe. */
export function saveFigures({ saved, givenUp }: SaveEvidence): SaveFigures {
  const all = LatencyHistogram.fromJSON(saved)
  const vain = LatencyHistogram.fromJSON(givenUp)
  all.merge(vain)
  return { forms: all.count, givenUp: vain.count, p95Ms: all.quantileMs(0.95) }
}

/** Pool seconds spent on answers still wanted and in time, per second the pool had. */
export function goodputRatio(origin: OriginPhase | undefined): number | null {
  return origin === undefined ? null : ratio(origin.poolSecondsUseful, origin.poolSecondsHad)
}

/** Share of intended pages that were late, failed or refused; 0 when none was intended. */
export function missedRatio(counts: { pagesIntended: number; pagesInSlo: number }): number {
  return ratio(counts.pagesIntended - counts.pagesInSlo, counts.pagesIntended) ?? 0
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
