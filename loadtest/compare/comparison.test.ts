import { test } from 'tap'
import { assembleResult } from '../report/assemble.ts'
import type { ArmResult, Result } from '../report/result.ts'
import { sampleRun } from '../report/sample-evidence.ts'
import { compareResults, comparisonText } from './comparison.ts'

const sample = assembleResult(sampleRun())

/** The sample with an edge arm of two minutes whose p95 is this many times that of another. */
function run(factor: number, changes: Partial<Result> = {}): Result {
  const edge = sample.arms.edge as ArmResult
  const [second] = edge.timeline
  if (second === undefined) throw new Error('the sample has no timeline')
  const timeline = Array.from({ length: 120 }, (_, i) => ({
    ...second,
    atMs: i * 1000,
    p95Ms: factor * (200 + 17 * (Math.floor(i / 10) % 5)),
  }))
  const arms = { direct: null, edge: { ...edge, timeline } }
  return { ...sample, valid: true, arms, ...changes }
}

test('a run whose p95 is a fifth higher is worse, one that is the same is not', async (t) => {
  const worse = compareResults(run(1), run(1.2))
  t.match(worse, { kind: 'ok', rows: [{ arm: 'edge', isWorse: true, p95: { windows: 12 } }] })
  if (worse.kind === 'ok') t.match(comparisonText(worse.rows), /^edge: WORSE; p95 \+20\.0 %/)
  t.match(compareResults(run(1), run(1)), { kind: 'ok', rows: [{ isWorse: false }] })
  t.match(compareResults(run(1), run(1.04)), { kind: 'ok', rows: [{ isWorse: false }] })
})

const refused: { phrase: string; changes: Partial<Result>; problem: RegExp }[] = [
  { phrase: 'another schedule', changes: { scheduleHash: 'other' }, problem: /^scheduleHash: / },
  { phrase: 'another scale', changes: { scale: 0.9 }, problem: /^scale: expected the same/ },
  { phrase: 'another mode', changes: { mode: 'real' }, problem: /^mode: / },
  {
    phrase: 'a machine of its own',
    changes: { versions: { machine: 'm' } },
    problem: /^machine: /,
  },
  { phrase: 'an invalid run', changes: { valid: false }, problem: /^valid: / },
  { phrase: 'no arm', changes: { arms: { direct: null, edge: null } }, problem: /^arms: / },
]

for (const { phrase, changes, problem } of refused) {
  test(`runs are not compared: ${phrase}`, async (t) => {
    const comparison = compareResults(run(1), run(1, changes))
    t.match(comparison, { kind: 'refused', problems: [problem] })
  })
}
