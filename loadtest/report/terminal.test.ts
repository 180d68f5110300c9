import { test } from 'tap'
import { assembleResult } from './assemble.ts'
import { type LiveState, liveLine, liveScreen } from './live-screen.ts'
import { sampleArm, sampleRun } from './sample-evidence.ts'
import { verdictLines } from './terminal.ts'
import { sparkline } from './terminal-text.ts'

const screen = { folder: 'results/2020-03-16', columns: 80, palette: 'plain' } as const

const live: LiveState = {
  arm: 'direct',
  phase: 'peak',
  clock: '08:57',
  elapsedMs: 42_300,
  totalMs: 110_000,
  offeredPerSecond: 214.4,
  servedPerSecond: 96,
  latePerSecond: 55,
  refusedPerSecond: 0,
  concurrent: 1830,
  p95Ms: 9800,
  p95HistoryMs: [200, 210, 400, 1900, 9800],
  backlog: null,
  generator: 'ok',
}

test('the verdict fits 25 lines of 80 columns, even when everything was missed', (t) => {
  const worst = sampleRun({
    arms: { direct: sampleArm('direct'), edge: sampleArm('direct') },
    writes: {
      acknowledged: 900,
      applied: 0,
      deadLettered: 0,
      lost: 900,
      duplicated: 40,
      ghost: 0,
      lostUpperBoundRatio: null,
      lostKeys: [],
      duplicatedKeys: [],
    },
    reproduce: `ecluse rehearse ${'--flag value '.repeat(30)}`,
  })
  for (const run of [sampleRun(), worst]) {
    const lines = verdictLines(assembleResult(run), screen)
    t.ok(lines.length <= 25, `${lines.length} lines`)
    t.same(
      lines.filter((line) => line.length > 80),
      [],
    )
    t.match(lines[0], /^(PASS|FAIL)$/)
    t.equal(lines.at(-1), 'report: results/2020-03-16/report.html')
  }
  t.end()
})

test('NO_COLOR means not one escape code', (t) => {
  const result = assembleResult(sampleRun())
  t.notMatch(verdictLines(result, screen).join(''), '\u001b')
  t.match(verdictLines(result, { ...screen, palette: 'colour' }).join(''), '\u001b')
  t.notMatch(liveScreen(live, screen).join(''), '\u001b')
  t.match(liveScreen(live, { columns: 80, palette: 'colour' }).join(''), '\u001b')
  t.end()
})

test('the live screen keeps its height and its width from start to end', (t) => {
  const states: readonly LiveState[] = [
    live,
    { ...live, elapsedMs: 0, totalMs: 0, p95Ms: null, p95HistoryMs: [], backlog: 12_345 },
    {
      ...live,
      elapsedMs: 200_000,
      generator: 'failing',
      p95HistoryMs: Array.from({ length: 999 }, (_, i) => i),
    },
  ]
  for (const state of states) {
    for (const columns of [40, 80, 200]) {
      const lines = liveScreen(state, { columns, palette: 'plain' })
      t.equal(lines.length, 6)
      t.same(
        lines.filter((line) => line.length > Math.min(columns, 100)),
        [],
        `${columns} columns`,
      )
    }
  }
  t.end()
})

test('a log line tells the same in one line', (t) => {
  t.equal(
    liveLine(live),
    '42 s direct peak 08:57 asked=214/s served=96/s late=55/s refused=0/s p95=9.8s inside=1830 generator=ok',
  )
  t.match(liveLine({ ...live, backlog: 7 }), /inside=1830 backlog=7 /)
  t.end()
})

test('a sparkline shows the last values on a scale from zero', (t) => {
  t.equal(sparkline([0, 1, 2, 4], 3), '▃▅█')
  t.equal(sparkline([0, 0], 5), '▁▁')
  t.equal(sparkline([], 5), '')
  t.end()
})
