import { type Cell, details, holdsMark, table } from './html-markup.ts'
import { armsRun, type PageLanguage } from './page-language.ts'
import type { Result, SloResult } from './result.ts'
import { sloFigures } from './slo-text.ts'

/** Percentiles by arm and phase, every limit with its figure, and the page types. */
export function responseSection(result: Result, words: PageLanguage): string {
  const { say, ms, count, share, factor, arm: armTitle, phase: phaseName } = words
  const arms = armsRun(result)
  const rows = arms.flatMap(({ name, arm }) =>
    arm.phases.map((phase): Cell[] => [
      `${armTitle(name)}, ${phaseName(phase.name)}`,
      count(phase.pagesIntended),
      share(phase.pagesIntended === 0 ? null : phase.pagesInSlo / phase.pagesIntended),
      ms(phase.p50Ms),
      ms(phase.p95Ms),
      ms(phase.p99Ms),
      share(phase.errorRatio),
      share(phase.refusedRatio),
      factor(phase.amplification),
    ]),
  )
  const types = arms.flatMap(({ name, arm }) =>
    arm.byPageType.map((row): Cell[] => [
      `${armTitle(name)}, ${row.type}`,
      count(row.intended),
      share(row.intended === 0 ? null : row.inSlo / row.intended),
      ms(row.p50Ms),
      ms(row.p95Ms),
    ]),
  )
  const head = [say('pages', 'pages'), say('dans les délais', 'in time'), 'p50', 'p95']
  return [
    table({
      caption: say(
        'Temps de réponse depuis le clic voulu ; une page abandonnée compte pour l’attente subie',
        'Response from the intended click; a page given up counts as the wait people had',
      ),
      columns: [
        '',
        ...head,
        'p99',
        say('erreurs', 'errors'),
        say('refus', 'refused'),
        'amplification',
      ],
      rows,
    }),
    ...arms.map(({ name, arm }) => sloTable(armTitle(name), arm.slos, words)),
    types.length === 0
      ? ''
      : details(
          say('Par type de page', 'By page type'),
          table({
            caption: say('Par type de page', 'By page type'),
            columns: ['', ...head],
            rows: types,
          }),
        ),
  ].join('\n')
}

/** One row an objective, one column a phase: the eye finds the phase that failed at once. */
function sloTable(title: string, slos: readonly SloResult[], words: PageLanguage): string {
  const { say, phase: phaseName } = words
  const phases = [...new Set(slos.map((slo) => slo.phase))]
  const ids = [...new Set(slos.map((slo) => slo.id))]
  const rows = ids.map((id): Cell[] => {
    const ofId = slos.filter((slo) => slo.id === id)
    const first = sloFigures(ofId[0] as SloResult, words.language)
    const cells = phases.map((phase): Cell => {
      const slo = ofId.find((candidate) => candidate.phase === phase)
      if (slo === undefined) return ''
      const { actual } = sloFigures(slo, words.language)
      return slo.holds === null
        ? holdsMark(null, words)
        : { markup: `${actual} ${holdsMark(slo.holds, words).markup}` }
    })
    return [first.name, `≤ ${first.limit}`, ...cells]
  })
  return table({
    caption: say(`${title} : objectifs`, `${title}: objectives`),
    columns: ['', say('limite', 'limit'), ...phases.map(phaseName)],
    rows,
  })
}
