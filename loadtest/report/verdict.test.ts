import { test } from 'tap'
import type { ArmOutcome, PhaseResult, SloResult, TimelineRow, WriteResult } from './result.ts'
import { armOutcome, breakTime, hasRecovered, overallVerdict, worstPhase } from './verdict.ts'

const rows = (counts: readonly (readonly [intended: number, inSlo: number])[]): TimelineRow[] =>
  counts.map(([intended, inSlo], second) => ({
    atMs: second * 1000,
    clock: `08:${String(second).padStart(2, '0')}`,
    intended,
    served: intended,
    inSlo,
    late: intended - inSlo,
    failed: 0,
    refused: 0,
    attempts: intended,
    concurrent: 1,
    p95Ms: null,
    poolUsefulRatio: null,
    backlog: null,
  }))

const seconds = (count: number, intended: number, inSlo: number): [number, number][] =>
  Array.from({ length: count }, () => [intended, inSlo])

test('a portal breaks at the start of the first 10 s in which more than half were missed', (t) => {
  const good = seconds(10, 10, 10)
  const cases = [
    { why: 'nothing happened at all', timeline: [], expect: null },
    { why: 'all in time', timeline: good, expect: null },
    { why: 'exactly half is not more than half', timeline: seconds(10, 10, 5), expect: null },
    {
      why: 'one page more than half',
      timeline: [...seconds(9, 10, 5), [10, 4] as const],
      expect: '08:00',
    },
    { why: 'the second window', timeline: [...good, ...seconds(10, 10, 0)], expect: '08:10' },
    { why: 'the first of two', timeline: [...good, ...seconds(20, 10, 0)], expect: '08:10' },
    {
      why: 'a bad spell over a boundary is in neither window',
      timeline: [...seconds(6, 10, 10), ...seconds(8, 10, 0), ...seconds(6, 10, 10)],
      expect: null,
    },
    { why: '19 pages are too few', timeline: [[19, 0] as const], expect: null },
    { why: '20 pages are enough', timeline: [[20, 0] as const], expect: '08:00' },
  ]
  for (const { why, timeline, expect } of cases) t.equal(breakTime(rows(timeline)), expect, why)
  t.end()
})

test('a portal has recovered when the end of after is as good as before, within 5 %', (t) => {
  const phases = [
    { name: 'before', fromMs: 0, toMs: 10_000 },
    { name: 'peak', fromMs: 10_000, toMs: 20_000 },
    { name: 'after', fromMs: 20_000, toMs: 50_000 },
  ]
  const run = (before: [number, number], after: [number, number]): TimelineRow[] =>
    rows([
      ...seconds(10, ...before),
      ...seconds(10, 10, 0),
      ...seconds(20, 10, 0),
      ...seconds(10, ...after),
    ])
  const cases = [
    {
      why: 'the peak and the first two thirds do not count',
      timeline: run([10, 10], [10, 10]),
      expect: true,
    },
    { why: 'exactly 0.95', timeline: run([100, 100], [100, 95]), expect: true },
    { why: 'just below 0.95', timeline: run([100, 100], [100, 94]), expect: false },
    {
      why: 'relative to a before that was not perfect',
      timeline: run([100, 80], [100, 76]),
      expect: true,
    },
    { why: 'too few pages before', timeline: run([2, 2], [100, 0]), expect: null },
    { why: 'too few pages after', timeline: run([100, 100], [2, 0]), expect: null },
  ]
  for (const { why, timeline, expect } of cases)
    t.equal(hasRecovered(timeline, phases), expect, why)
  t.equal(hasRecovered(run([10, 10], [10, 10]), phases.slice(0, 2)), null, 'no phase after')
  t.end()
})

test('an arm holds only when a phase was judged and nothing speaks against it', (t) => {
  const slo = (phase: string | null, holds: boolean | null): SloResult => ({
    id: 'p95',
    phase,
    limit: 1,
    actual: 1,
    holds,
    sample: 1,
  })
  const cases = [
    { why: 'all hold', slos: [slo('peak', true)], brokeAt: null, recovered: true, expect: 'holds' },
    {
      why: 'recovery unknown',
      slos: [slo('peak', true)],
      brokeAt: null,
      recovered: null,
      expect: 'holds',
    },
    {
      why: 'one limit missed',
      slos: [slo('peak', true), slo('after', false)],
      brokeAt: null,
      recovered: true,
      expect: 'breaks',
    },
    {
      why: 'refusing everybody quickly is a break',
      slos: [slo('peak', true)],
      brokeAt: '08:53',
      recovered: true,
      expect: 'breaks',
    },
    {
      why: 'did not recover',
      slos: [slo('peak', true)],
      brokeAt: null,
      recovered: false,
      expect: 'breaks',
    },
    {
      why: 'no phase judged',
      slos: [slo('peak', null), slo(null, true)],
      brokeAt: null,
      recovered: null,
      expect: 'not-judged',
    },
  ]
  for (const { why, expect, ...facts } of cases) t.equal(armOutcome(facts), expect, why)
  t.end()
})

test('the exit code tells a miss, lost writes and an invalid run apart', (t) => {
  const arm = (outcome: ArmOutcome) => ({ outcome })
  const writes = (lost: number | null, duplicated: number | null): WriteResult => ({
    audit: 'complete',
    acknowledged: 9,
    applied: 9,
    deadLettered: 0,
    lost,
    duplicated,
    ghost: 0,
    lostUpperBoundRatio: null,
    lostKeys: [],
    duplicatedKeys: [],
  })
  const reason = { id: 'cpu', fr: 'x', en: 'x' }
  const cases = [
    ['the edge holds where the portal breaks', 'breaks', 'holds', 0, 0, [], 'pass', 0],
    ['the edge breaks', 'holds', 'breaks', 0, 0, [], 'fail', 3],
    ['one write lost', 'breaks', 'holds', 1, 0, [], 'fail', 5],
    ['lost writes weigh more than a missed limit', null, 'breaks', 1, 0, [], 'fail', 5],
    ['one write twice', null, 'holds', 0, 1, [], 'fail', 5],
    ['not audited is not lost', null, 'holds', null, null, [], 'pass', 0],
    ['invalid wins over a pass', null, 'holds', 0, 0, [reason], 'invalid', 4],
    ['invalid wins over a fail', null, 'breaks', 1, 0, [reason], 'invalid', 4],
    ['direct is judged when run alone', 'breaks', null, null, null, [], 'fail', 3],
    ['too little to judge', 'holds', 'not-judged', 0, 0, [], 'invalid', 4],
    ['nothing was run', null, null, null, null, [], 'invalid', 4],
  ] as const
  for (const [why, direct, edge, lost, twice, invalidReasons, verdict, exitCode] of cases) {
    const arms = { direct: direct && arm(direct), edge: edge && arm(edge) }
    const found = overallVerdict({ invalidReasons, arms, writes: writes(lost, twice) })
    t.same(found, { verdict, exitCode }, why)
  }
  t.end()
})

test('a verdict quotes the phase that missed most, or else the slowest', async (t) => {
  const phase = (name: string, pagesInSlo: number, p95Ms: number | null) =>
    ({ name, pagesIntended: 100, pagesInSlo, p95Ms }) as unknown as PhaseResult
  t.equal(worstPhase([phase('before', 100, 450), phase('peak', 100, 700)])?.name, 'peak')
  t.equal(worstPhase([phase('before', 99, 450), phase('peak', 100, 700)])?.name, 'before')
  t.equal(worstPhase([phase('before', 100, null), phase('peak', 100, 1)])?.name, 'peak')
  t.equal(worstPhase([]), undefined)
})
