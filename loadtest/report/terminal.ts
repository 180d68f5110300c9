import { armsRun, pageLanguage } from './page-language.ts'
import type { ArmResult, Result } from './result.ts'
import { sloFigures } from './slo-text.ts'
import { fit, type Palette, type Tint, tint, wrap } from './terminal-text.ts'

/** The end of a run says no more than this. */
export const verdictLinesMax = 25

const { count, factor, ms, share } = pageLanguage('en')

const tints = { pass: 'good', fail: 'bad', invalid: 'warn' } as const satisfies Record<string, Tint>

/**
 * The final text: verdict first, then figures, then the objectives that were missed, then where
 * the files are. At most 25 lines of at most `columns` (which should be 80 to 100).
 */
export function verdictLines(
  result: Result,
  screen: { readonly folder: string; readonly columns: number; readonly palette: Palette },
): readonly string[] {
  const { columns, palette } = screen
  const head = tint(result.verdict.toUpperCase(), tints[result.verdict], palette)
  const sentence = wrap(result.verdictText.en, columns).slice(0, 8)
  const figures = figureLines(result).map((line) => fit(line, columns))
  const tail = [
    '',
    fit(`again:  ${result.reproduce}`, columns),
    // Never cut: people click it.
    `report: ${screen.folder}/report.html`,
  ]
  const room = verdictLinesMax - 1 - sentence.length - figures.length - tail.length
  const missed = missLines(result, room).map((line) => tint(fit(line, columns), 'bad', palette))
  return [head, ...sentence, ...figures, ...missed, ...tail]
}

function figureLines(result: Result): string[] {
  const arms = armsRun(result)
  const line = (name: string, cell: (arm: ArmResult) => string): string =>
    `  ${name.padEnd(22)}${arms.map(({ arm }) => cell(arm).padStart(16)).join('')}`
  return [
    '',
    `  ${''.padEnd(22)}${arms.map(({ name }) => name.padStart(16)).join('')}`,
    line('pages in time', (arm) =>
      share(arm.pagesIntended === 0 ? null : arm.pagesInSlo / arm.pagesIntended),
    ),
    line('p95 / p99', (arm) => `${ms(arm.p95Ms)} / ${ms(arm.p99Ms)}`),
    line('attempts per page', (arm) => factor(arm.amplification)),
    line('goodput at the peak', (arm) => share(arm.goodputRatio)),
    line(
      'people in / gave up',
      (arm) => `${count(arm.people.admitted)} / ${count(arm.people.gaveUp)}`,
    ),
    line('recovers', (arm) => (arm.recovered === null ? '–' : arm.recovered ? 'yes' : 'no')),
  ]
}

/** Missed objectives of the arm under test only; the direct arm's story is in the sentence. */
function missLines(result: Result, room: number): string[] {
  const arm = result.arms.edge ?? result.arms.direct
  const missed = (result.valid ? (arm?.slos ?? []) : []).filter((slo) => slo.holds === false)
  if (missed.length === 0 || room < 3) return []
  const lines = missed.map((slo) => {
    const { name, actual, limit } = sloFigures(slo, 'en')
    return `  missed: ${name} ${actual} > ${limit} (${slo.phase ?? 'whole run'})`
  })
  const shown = lines.slice(0, room - 2)
  const left = lines.length - shown.length
  return ['', ...shown, ...(left > 0 ? [`  and ${left} more, see the report`] : [])]
}
