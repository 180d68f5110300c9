import { test } from 'tap'
import { LatencyHistogram } from '../../core/latency-histogram.ts'
import { K6Evidence } from './k6-evidence.ts'
import type { K6Run } from './k6-export.ts'
import { readPoint } from './k6-points.ts'

const run: K6Run = {
  scheduleHash: 'x',
  preludeMs: 5_000,
  durationMs: 20_000,
  deadlineMs: 3_000,
  vus: 1,
  phases: [
    { name: 'before', fromMs: 0, toMs: 10_000 },
    { name: 'peak', fromMs: 10_000, toMs: 20_000 },
  ],
  portal: {},
}
const origin = 1_700_000_000_000
const line = (metric: string, atMs: number, value: number, tags = ''): string =>
  `${metric},${origin + atMs},${value},,${tags},`

const lines = [
  line('session_start_lag', 100, 2),
  line('run_origin', 100, origin),
  line('page_attempts', 9_900, 1, 'page=home'),
  // Ends in the peak, was meant for the phase before.
  line('page_response', 10_200, 400, 'page=home&phase=before&fate=whole'),
  line('page_response', 12_000, 3_001, 'page=home&phase=before&fate=whole'),
  line('page_response', 15_000, 20, 'page=marks&phase=peak&fate=failed'),
  line('page_response', 19_000, 5_000, 'page=marks&phase=peak&fate=failed'),
  line('http_reqs', 15_000, 1, ''),
]

const evidenceOf = (texts: readonly string[]) => {
  const evidence = new K6Evidence(run)
  for (const text of texts) {
    const point = readPoint(text)
    if (point !== undefined) evidence.add(point)
  }
  return evidence.evidence({ scheduled: 2, clockAt: () => '09:00' })
}

test('pages belong to the phase of their intended start, and quick failures improve nothing', async (t) => {
  const { phases, people, generator, byPageType } = evidenceOf(lines)
  t.match(phases[0]?.pages, { intended: 2, attempts: 1, whole: 2, inSlo: 1, failed: 0 })
  t.match(phases[1]?.pages, { intended: 2, whole: 0, failed: 2 })
  const inVain = phases[1]?.waitedInVain
  t.equal(inVain && LatencyHistogram.fromJSON(inVain).count, 1)
  t.equal(people.sessions, 1)
  t.match(generator, { deliveredRatio: 0.5, startLagMaxMs: 2 })
  t.same(byPageType.map(({ type }) => type).sort(), ['home', 'marks'])
})

test('points of two machines add up, whichever comes first', async (t) => {
  const half = lines.length / 2
  const [first, second] = [lines.slice(0, half), lines.slice(half)]
  t.same(evidenceOf([...second, ...first]).phases, evidenceOf(lines).phases)
})

test('other metrics and damaged lines are left aside', async (t) => {
  for (const text of [
    '',
    'page_response',
    'page_response,x,y,,',
    'vus,1,1,,,',
    'http_reqs,1,1,,,',
  ]) {
    t.equal(readPoint(text), undefined, text)
  }
})
