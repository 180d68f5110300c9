import type { ArmResult, Result } from '../../loadtest/report/result.ts'
import { ecluse } from '../support/ecluse.ts'

/** A rehearsal of the edge alone, short and small enough to be run for every protection. */
export interface EdgeRun {
  readonly status: number
  readonly result: Result
  readonly edge: ArmResult
}

/** Rehearses the edge with these flags added; fails with what the command said when it fails. */
export async function rehearseEdge(...flags: string[]): Promise<EdgeRun> {
  const short = ['--arms', 'edge', '--scale', '0.1', '--minutes', '0.9', '--json']
  const { status, stdout, stderr } = await ecluse('rehearse', ...short, ...flags)
  if (stdout === '') throw new Error(`exit code ${status}: ${stderr}`)
  const result = JSON.parse(stdout) as Result
  if (result.arms.edge === null) throw new Error('the edge was not rehearsed')
  return { status, result, edge: result.arms.edge }
}
