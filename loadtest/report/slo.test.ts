import { test } from 'tap'
import { LatencyHistogram } from '../../core/latency-histogram.ts'
import type { PageCounts } from './evidence.ts'
import type { Leaks } from './result.ts'
import { sampleArm } from './sample-evidence.ts'
import { defaultSloLimits, evaluateSlos } from './slo.ts'

/** One phase of `pages` pages, all answered after `ms`. */
function phaseOf(pages: number, ms: number, counts: Partial<PageCounts> = {}) {
  const response = new LatencyHistogram()
  response.record(ms, pages)
  const all = {
    intended: pages,
    attempts: pages,
    begun: pages,
    whole: pages,
    inSlo: pages,
    failed: 0,
    refused: 0,
    ...counts,
  }
  const nothing = new LatencyHistogram().toJSON()
  return {
    name: 'peak',
    fromClock: '08:55',
    toClock: '09:03',
    fromMs: 0,
    toMs: 1000,
    pages: all,
    response: response.toJSON(),
    waitedInVain: nothing,
  }
}

function judged(
  phase: ReturnType<typeof phaseOf>,
  leaks: Leaks = { answersChecked: 1, foreignCanaries: 0 },
) {
  const evidence = { ...sampleArm('edge'), phases: [phase], leaks }
  const slos = evaluateSlos({ evidence, limits: defaultSloLimits, writes: null })
  return Object.fromEntries(slos.map((slo) => [slo.id, slo.holds]))
}

test('a limit holds at equality and not beyond', (t) => {
  const rows = [
    { why: 'p95 exactly 800 ms', phase: phaseOf(1000, 800), id: 'p95', expect: true },
    {
      why: 'p95 above 800 ms by more than a bucket',
      phase: phaseOf(1000, 810),
      id: 'p95',
      expect: false,
    },
    { why: 'p99 exactly 3 s', phase: phaseOf(1000, 3000), id: 'p99', expect: true },
    { why: 'p99 above 3 s', phase: phaseOf(1000, 3030), id: 'p99', expect: false },
    {
      why: '5 errors in 1000',
      phase: phaseOf(1000, 1, { failed: 5 }),
      id: 'error-ratio',
      expect: true,
    },
    {
      why: '6 errors in 1000',
      phase: phaseOf(1000, 1, { failed: 6 }),
      id: 'error-ratio',
      expect: false,
    },
    {
      why: '1050 attempts for 1000 pages',
      phase: phaseOf(1000, 1, { attempts: 1050 }),
      id: 'amplification',
      expect: true,
    },
    {
      why: '1051 attempts',
      phase: phaseOf(1000, 1, { attempts: 1051 }),
      id: 'amplification',
      expect: false,
    },
    { why: '99 pages give no p95', phase: phaseOf(99, 9000), id: 'p95', expect: null },
    { why: '100 pages give one', phase: phaseOf(100, 9000), id: 'p95', expect: false },
    { why: '299 pages give no p99', phase: phaseOf(299, 9000), id: 'p99', expect: null },
    {
      why: 'one error in 199 pages proves nothing',
      phase: phaseOf(199, 1, { failed: 1 }),
      id: 'error-ratio',
      expect: null,
    },
    { why: 'no page at all', phase: phaseOf(0, 1), id: 'amplification', expect: null },
  ]
  for (const { why, phase, id, expect } of rows) t.equal(judged(phase)[id], expect, why)
  t.end()
})

test('pages people gave up on count for the wait they had', (t) => {
  const phase = phaseOf(900, 100, { intended: 1000, failed: 100 })
  const waitedInVain = new LatencyHistogram()
  waitedInVain.record(10_000, 100)
  t.equal(judged(phase)['p95'], true)
  t.equal(judged({ ...phase, waitedInVain: waitedInVain.toJSON() })['p95'], false)
  t.end()
})

test('one foreign canary fails a run, and no answer checked proves nothing', (t) => {
  const phase = phaseOf(1000, 1)
  t.equal(judged(phase, { answersChecked: 9000, foreignCanaries: 0 })['foreign-canaries'], true)
  t.equal(judged(phase, { answersChecked: 9000, foreignCanaries: 1 })['foreign-canaries'], false)
  t.equal(judged(phase, { answersChecked: 0, foreignCanaries: 0 })['foreign-canaries'], null)
  t.equal(judged(phase, { answersChecked: null, foreignCanaries: null })['foreign-canaries'], null)
  t.end()
})

test('saving is judged over the run, forms given up included', (t) => {
  const rows = [
    { why: 'all saved at once', saved: [200, 200], givenUp: [1, 0], expect: true },
    { why: 'one in twenty given up', saved: [200, 190], givenUp: [9000, 10], expect: true },
    { why: 'one more', saved: [200, 189], givenUp: [9000, 11], expect: false },
    { why: 'too few to judge', saved: [9000, 99], givenUp: [1, 0], expect: null },
  ] as const
  for (const { why, saved, givenUp, expect } of rows) {
    const evidence = {
      ...sampleArm('edge'),
      saves: { saved: histogramOf(saved), givenUp: histogramOf(givenUp) },
    }
    const slos = evaluateSlos({ evidence, limits: defaultSloLimits, writes: null })
    t.equal(slos.find(({ id }) => id === 'save-p95')?.holds, expect, why)
  }
  t.end()
})

function histogramOf([ms, times]: readonly [number, number]) {
  const histogram = new LatencyHistogram()
  if (times > 0) histogram.record(ms, times)
  return histogram.toJSON()
}
