import { LatencyHistogram } from '../../core/latency-histogram.ts'
import type { LoadResult, LoadSnapshot } from './load-result.ts'

/** One line about a run under way. */
export function progressLine(snapshot: LoadSnapshot): string {
  const { atMs, endMs, phase, sessions, second, recentP95Ms } = snapshot
  return [
    `${seconds(atMs)} of ${seconds(endMs)}`,
    phase.padEnd(7),
    `${sessions} people`,
    `${second?.intended ?? 0} pages/s`,
    `${second?.requests ?? 0} requests/s`,
    `p95 ${recentP95Ms === null ? '-' : `${Math.round(recentP95Ms)} ms`}`,
  ].join('  ')
}

/** A few lines about a run that is over. */
export function loadSummary(result: LoadResult): string {
  const { pages, amplification, response } = result.total
  const p95Ms = LatencyHistogram.fromJSON(response).quantileMs(0.95)
  const { generator, writes, leaks } = result
  return [
    `pages     ${pages.intended} intended, ${pages.inSlo} whole within the deadline, ` +
      `${pages.late} late, ${pages.failed + pages.refused + pages.abandoned + pages.unfinished} ` +
      `not whole, ${pages.forgone} forgone`,
    `response  p95 ${p95Ms === null ? '-' : `${Math.round(p95Ms)} ms`}; ` +
      `amplification ${amplification === null ? '-' : amplification.toFixed(2)}`,
    `writes    ${writes.attempted} attempted, ${writes.acknowledged.length} acknowledged`,
    `leaks     ${leaks.foreignCanaries} foreign canaries in ${leaks.answersChecked} answers`,
    `generator ${generator.verdict}${generator.reasons.map((reason) => `\n          ${reason}`).join('')}`,
  ].join('\n')
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}
