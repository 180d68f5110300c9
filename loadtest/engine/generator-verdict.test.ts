import { test } from 'tap'
import { defaultTolerances, type GeneratorHealth, judgeGenerator } from './generator-verdict.ts'

const atTheLimits: GeneratorHealth = {
  startLagP99Ms: 50,
  startLagMaxMs: 1_000,
  pageLagP99Ms: 50,
  eventLoopDelayP99Ms: 20,
  cpuRatio: 0.8,
  sessionsScheduled: 1_000,
  sessionsStarted: 1_000,
  deliveredRatio: 1,
  notStarted: 0,
  localFailures: 0,
}

test('a run is valid exactly as long as every tolerance is kept', async (t) => {
  t.strictSame(judgeGenerator(atTheLimits, defaultTolerances), { verdict: 'valid', reasons: [] })
  for (const [beyond, reason] of [
    [{ startLagP99Ms: 50.1 }, 'Start lag p99 was 50.1 ms, at most 50 ms.'],
    [{ startLagMaxMs: 1_001 }, 'Start lag maximum was 1001 ms, at most 1000 ms.'],
    [{ pageLagP99Ms: 51 }, 'Page lag p99 was 51 ms, at most 50 ms.'],
    [{ eventLoopDelayP99Ms: 20.5 }, 'Event-loop delay p99 was 20.5 ms, at most 20 ms.'],
    [{ cpuRatio: 0.81 }, 'Processor use was 0.81 of one core, at most 0.8 of one core.'],
    [
      { sessionsStarted: 999, notStarted: 1 },
      '1 of 1000 scheduled sessions were not started (1 kept out by the cap on concurrent sessions).',
    ],
    [{ localFailures: 2 }, '2 requests found no free port or file descriptor here.'],
  ] as const) {
    const verdict = judgeGenerator({ ...atTheLimits, ...beyond }, defaultTolerances)
    t.strictSame(verdict, { verdict: 'invalid', reasons: [reason] })
  }
})
