import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A folder for the results of one run, gone with its test. */
export function resultsFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'rehearsed-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
