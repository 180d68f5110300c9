import { test } from 'tap'
import { LatencyHistogram } from '../../core/latency-histogram.ts'
import type { LoadResult, PageCounts, PhaseResult } from '../engine/load-result.ts'
import { noStays, withStay } from '../engine/stay-sums.ts'
import { defaultUserModel } from '../engine/user-model.ts'
import { assembleResult } from './assemble.ts'
import { armEvidence } from './engine-evidence.ts'
import { unexplainedNulls } from './not-measured.ts'
import { checkResult } from './results-store.ts'
import { sampleRun } from './sample-evidence.ts'

const nothing = new LatencyHistogram().toJSON()

function waits(records: readonly (readonly [ms: number, times: number])[]) {
  const histogram = new LatencyHistogram()
  for (const [ms, times] of records) histogram.record(ms, times)
  return histogram.toJSON()
}

const counts = (some: Partial<PageCounts>): PageCounts => ({
  intended: 0,
  attempts: 0,
  whole: 0,
  inSlo: 0,
  inSloAfterLine: 0,
  late: 0,
  failed: 0,
  refused: 0,
  abandoned: 0,
  unfinished: 0,
  turnedAway: 0,
  waits: 0,
  wholeAfterReturn: 0,
  forgone: 0,
  ...some,
})

const people = {
  started: 90,
  warm: 10,
  admitted: 80,
  waited: 5,
  gaveUp: 4,
  returned: 2,
  lost: 2,
  loggedInAgain: 0,
}

const peak: PhaseResult = {
  name: 'peak',
  fromMs: 0,
  toMs: 60_000,
  pages: counts({
    intended: 1000,
    attempts: 1500,
    whole: 930,
    inSlo: 900,
    late: 30,
    failed: 20,
    refused: 10,
    abandoned: 30,
    unfinished: 10,
  }),
  logins: counts({ intended: 100, attempts: 150 }),
  amplification: 1.5,
  byPageType: {
    landing: { ...counts({ intended: 400, inSlo: 390 }), response: waits([[200, 390]]) },
  },
  byRole: {},
  response: waits([[200, 930]]),
  responseAfterLine: nothing,
  service: nothing,
  censored: waits([
    [5, 1000],
    [9000, 70],
  ]),
  inLine: waits([[18_000, 5]]),
  lag: nothing,
  requests: { 200: 12_000 },
  people,
}

function load(changes: Partial<LoadResult> = {}): LoadResult {
  return {
    schemaVersion: 1,
    runId: 'r',
    seed: 1,
    planHash: 'h',
    target: 'http://127.0.0.1:1',
    startedAtEpochMs: 0,
    endedBy: 'plan',
    endedAtMs: 60_000,
    pageDeadlineMs: 3000,
    users: defaultUserModel,
    phases: [peak],
    total: peak,
    timeline: [
      {
        atMs: 12_000,
        intended: 20,
        inSlo: 9,
        late: 1,
        failed: 2,
        refused: 3,
        abandoned: 4,
        unfinished: 1,
        logins: 2,
        attempts: 30,
        served: 8,
        requests: 300,
        turnedAway: 3,
        concurrent: 70,
      },
    ],
    responseWindows: [{ fromMs: 10_000, response: waits([[1234, 10]]) }],
    people,
    stays: withStay(noStays, { plannedMs: 1_000, playedMs: 1_250 }),
    writes: {
      attempted: 3,
      sends: 4,
      acknowledged: [],
      unconfirmed: [],
      saved: waits([[200, 2]]),
      givenUp: waits([[9000, 1]]),
    },
    leaks: { answersChecked: 500, foreignCanaries: 0, examples: [] },
    generator: {
      startLagP99Ms: 1,
      startLagMaxMs: 2,
      pageLagP99Ms: 1,
      eventLoopDelayP99Ms: 3,
      cpuRatio: 0.4,
      sessionsScheduled: 90,
      sessionsStarted: 90,
      deliveredRatio: 1,
      notStarted: 0,
      localFailures: 0,
      verdict: 'valid',
      reasons: [],
    },
    ...changes,
  }
}

const outside = { origin: null, clockAt: () => '08:55', backlogAt: () => 7 }

test('everyone who did not get a whole page is counted once, as failed or refused', (t) => {
  const evidence = armEvidence({ load: load(), ...outside })
  const [phase] = evidence.phases
  t.match(phase?.pages, { intended: 1000, whole: 930, failed: 60, refused: 10, inSlo: 900 })
  t.match(phase?.pages, { attempts: 1650, begun: 1100 }, 'logins are part of the storm')
  t.match(evidence.timeline, [{ served: 10, inSlo: 9, failed: 7, refused: 3, backlog: 7 }])
  const p95Ms = evidence.timeline[0]?.p95Ms ?? 0
  t.ok(Math.abs(p95Ms - 1234) < 10, `p95 of its ten seconds: ${p95Ms}`)
  t.end()
})

test('a thousand quick failures do not improve the response people had', (t) => {
  const evidence = armEvidence({ load: load(), ...outside })
  const { arms } = assembleResult(sampleRun({ arms: { direct: null, edge: evidence } }))
  const figures = arms.edge
  t.ok(Math.abs((figures?.p50Ms ?? 0) - 200) < 2, `p50 ${figures?.p50Ms}`)
  t.ok((figures?.p95Ms ?? 0) > 8900, `p95 ${figures?.p95Ms}`)
  t.end()
})

test('a run of the engine becomes a result that fits the schema', (t) => {
  const evidence = armEvidence({ load: load(), ...outside })
  const result = assembleResult(sampleRun({ arms: { direct: null, edge: evidence } }))
  t.match(checkResult(JSON.parse(JSON.stringify(result)), 'r'), { kind: 'ok' })
  t.same(unexplainedNulls(result), [])
  t.match(result.multipliers.duration.delivered, { value: 3.049 * 1.25 })
  t.end()
})

test('a run that was interrupted, or ran out of ports, is invalid', (t) => {
  const { generator } = load()
  const cases = [
    { changes: { endedBy: 'stopped' as const }, id: 'interrupted' },
    { changes: { generator: { ...generator, localFailures: 3 } }, id: 'local-failures' },
  ]
  for (const { changes, id } of cases) {
    const edge = armEvidence({ load: load(changes), ...outside })
    const result = assembleResult(sampleRun({ arms: { direct: null, edge } }))
    t.match(result, { valid: false, exitCode: 4, invalidReasons: [{ id }] })
  }
  t.end()
})
