import { armsRun, pageLanguage } from './page-language.ts'
import type { Result } from './result.ts'
import { sloFigures } from './slo-text.ts'

const { count, factor, ms, multiplier, share, arm: armTitle } = pageLanguage('en')

/** The result in Markdown, for a pull request or a CI job's page: verdict, tables, how to redo it. */
export function markdownSummary(result: Result): string {
  const arms = armsRun(result)
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`
  const figures = line(['', ...arms.map(({ name }) => armTitle(name))])
  const rule = `| --- |${' ---: |'.repeat(arms.length)}`
  const multipliers = Object.entries(result.multipliers).map(([name, row]) => {
    const { delivered } = row
    const interval = delivered && ` (${multiplier(delivered.low)} to ${multiplier(delivered.high)})`
    const value = `${multiplier(delivered?.value ?? null)}${interval ?? ''}`
    return line([name, multiplier(row.requested), multiplier(row.planned), value])
  })
  const rows = [
    line([
      'outcome',
      ...arms.map(({ arm }) => (arm.brokeAt === null ? arm.outcome : `breaks at ${arm.brokeAt}`)),
    ]),
    line([
      'pages in time',
      ...arms.map(({ arm }) => `${count(arm.pagesInSlo)} of ${count(arm.pagesIntended)}`),
    ]),
    line(['p95', ...arms.map(({ arm }) => ms(arm.p95Ms))]),
    line(['p99', ...arms.map(({ arm }) => ms(arm.p99Ms))]),
    line(['errors', ...arms.map(({ arm }) => share(arm.errorRatio))]),
    line(['amplification', ...arms.map(({ arm }) => factor(arm.amplification))]),
    line(['goodput at the peak', ...arms.map(({ arm }) => share(arm.goodputRatio))]),
    line([
      'recovers',
      ...arms.map(({ arm }) => (arm.recovered === null ? '–' : arm.recovered ? 'yes' : 'no')),
    ]),
  ]
  return `# ${result.verdict.toUpperCase()}: ${result.scenario.title.en}

${result.verdictText.en}

${result.verdictText.fr}

${[figures, rule, ...rows].join('\n')}

${['| multiplier | requested | planned | delivered |', '| --- | ---: | ---: | ---: |', ...multipliers].join('\n')}
${misses(result)}
Reproduce:

\`\`\`sh
${result.reproduce}
\`\`\`

Schedule \`${result.scheduleHash.slice(0, 16)}\`, seed ${result.seed}. Details: \`report.html\`, \`result.json\`.
`
}

function misses(result: Result): string {
  const lines = armsRun(result).flatMap(({ name, arm }) =>
    arm.slos
      .filter((slo) => slo.holds === false)
      .map((slo) => {
        const { name: title, actual, limit } = sloFigures(slo, 'en')
        return `- ${armTitle(name)}, ${slo.phase ?? 'whole run'}: ${title} ${actual} (limit ${limit})`
      }),
  )
  return lines.length === 0 ? '' : `\nMissed objectives:\n\n${lines.join('\n')}\n`
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
