import type { ArmResult, Result } from '../../loadtest/report/result.ts'
import { ecluse } from '../support/ecluse.ts'

/** A rehearsal of the edge alone, short and small enough to be run for every protection. */
export interface EdgeRun {
  readonly status: number
  readonly result: Result
  readonly edge: ArmResult
}

const short = ['--arms', 'edge', '--minutes', '0.9', '--json']

/** The closure morning in miniature: three times what the portal can do. */
export function rehearseSurge(...flags: string[]): Promise<EdgeRun> {
  return rehearse('closure-morning', '--scale', '0.1', ...flags)
}

/** An ordinary day, which the portal carries with ease until something goes wrong. */
export function rehearseOrdinaryDay(...flags: string[]): Promise<EdgeRun> {
  return rehearse('baseline-weekday', '--scale', '0.4', ...flags)
}

/** Fails with what the command said when there is no result. */
async function rehearse(...flags: string[]): Promise<EdgeRun> {
  const { status, stdout, stderr } = await ecluse('rehearse', ...flags, ...short)
  if (stdout === '') throw new Error(`exit code ${status}: ${stderr}`)
  const result = JSON.parse(stdout) as Result
  if (result.arms.edge === null) throw new Error('the edge was not rehearsed')
  return { status, result, edge: result.arms.edge }
}
