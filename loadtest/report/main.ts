import { parseArgs } from 'node:util'
import { failureCode } from '../../core/failure.ts'
import { readResult, rewriteViews } from './results-store.ts'

const usage = `Usage: ecluse report FOLDER

Writes report.html, junit.xml and summary.md again from FOLDER/result.json.

  --help   this text
`

/** Command `report FOLDER`: renders the views of a result anew. Exit 0, or 2 for a wrong folder. */
export async function main(argv: readonly string[]): Promise<number> {
  const folder = readFolder(argv)
  if (folder === 'help') {
    process.stdout.write(usage)
    return 0
  }
  if ('problem' in folder) return wrongUse(folder.problem)
  const reading = await readResult(folder.path)
  if (reading.kind === 'refused') return wrongUse(reading.problem)
  try {
    await rewriteViews(folder.path, reading.result)
  } catch (error) {
    if (failureCode(error) !== 'results-not-written') throw error
    process.stderr.write(`${(error as Error).message}\n`)
    return 1
  }
  process.stdout.write(`${folder.path}/report.html\n`)
  return 0
}

function readFolder(argv: readonly string[]): 'help' | { path: string } | { problem: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { help: { type: 'boolean', default: false } },
    })
    if (values.help) return 'help'
    const [path] = positionals
    if (path !== undefined && positionals.length === 1) return { path }
    return { problem: `Expected one results folder, found ${positionals.length}; see --help.` }
  } catch (error) {
    return { problem: (error as Error).message }
  }
}

function wrongUse(problem: string): number {
  process.stderr.write(`${problem}\n`)
  return 2
}
