import type { Suppressed } from './calibrated-profile.ts'
import type { Fit } from './fit.ts'
import type { LogTotals } from './log-store.ts'
import type { VisitTally } from './visit-tally.ts'

/** What calibration found, as people read it. */
export function calibrationText(facts: {
  readonly totals: LogTotals
  readonly tally: VisitTally
  readonly suppressed: Suppressed
  readonly fit: Fit
  readonly k: number
}): string {
  const { totals, tally, suppressed, fit, k } = facts
  const { pageTypes, schools, fiveMinutes, pageShare } = suppressed
  const percent = (ratio: number): string => `${(ratio * 100).toFixed(2)} %`
  return [
    `${totals.lines} lines (${Math.round(totals.bytes / 1e6)} MB), ${totals.damaged} of them damaged`,
    'Visits, by the pause that ends one',
    ...tally.byTimeout.map(({ minutes, visits, pages, durationMs }) => {
      const perVisit = pages / Math.max(1, visits)
      const gapS = durationMs / 1000 / Math.max(1, pages - visits)
      const length = durationMs / 60_000 / Math.max(1, visits)
      return (
        `  ${minutes} min: ${visits} visits, ${perVisit.toFixed(2)} pages, ` +
        `${length.toFixed(1)} min, ${gapS.toFixed(1)} s between pages`
      )
    }),
    `Kept back, about fewer than ${k} people: ${pageTypes} page types, ${schools} schools, ` +
      `${fiveMinutes} stretches of five minutes, ${percent(pageShare)} of page views`,
    'A schedule at x1 against the log',
    `  page rate, worst five minutes: ${percent(fit.worstFiveMinutes)}`,
    `  mix of pages (total variation): ${fit.pageMix.toFixed(4)}`,
    `  pages per visit: ${percent(fit.pagesPerVisit)}; gaps: ${percent(fit.gap)}`,
    '',
  ].join('\n')
}
