import { htmlReport } from './html-report.ts'
import { junitReport } from './junit.ts'
import type { Result } from './result.ts'
import { markdownSummary } from './summary.ts'

/** The file every other file of a results folder is a view of. */
export const resultFile = 'result.json'

/** All views of a result by file name; `result.json` itself is not among them. */
export function viewsOf(result: Result): Readonly<Record<string, string>> {
  return {
    'report.html': htmlReport(result),
    'junit.xml': junitReport(result),
    'summary.md': markdownSummary(result),
  }
}
