import { readResult } from '../report/results-store.ts'
import { compareResults, comparisonText } from './comparison.ts'

const usage = `Usage: ecluse compare FOLDER FOLDER

Compares two results of one schedule: is the second worse than the first? Exit code 3 when its
p95 is, by more than 5 % and more than chance.

  --help   this text
`

/** `ecluse compare BEFORE AFTER`: a paired comparison of two results folders. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(usage)
    return 0
  }
  const [first, second, ...more] = argv
  if (first === undefined || second === undefined || more.length > 0) {
    return refuse([`expected two results folders, found ${argv.length}; see --help.`])
  }
  const [before, after] = await Promise.all([readResult(first), readResult(second)])
  if (before.kind === 'refused') return refuse([before.problem])
  if (after.kind === 'refused') return refuse([after.problem])
  const comparison = compareResults(before.result, after.result)
  if (comparison.kind === 'refused') return refuse(comparison.problems)
  process.stdout.write(comparisonText(comparison.rows))
  return comparison.rows.some(({ isWorse }) => isWorse) ? 3 : 0
}

function refuse(problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`ecluse compare: ${problem}\n`)
  return 2
}
