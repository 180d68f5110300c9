import { test } from 'tap'
import type { LoadSnapshot } from '../engine/load-result.ts'
import { LiveStates } from './live-states.ts'
import type { RehearsalProgress } from './rehearsal-process.ts'

function progress(facts: Partial<LoadSnapshot>, arm: 'direct' | 'edge' = 'direct') {
  const snapshot = { atMs: 0, endMs: 60_000, phase: 'peak', sessions: 0, second: null, ...facts }
  const given = { recentP95Ms: null, startLagP99Ms: 0, ...snapshot } as LoadSnapshot
  return { arm, snapshot: given, clock: '08:55', backlog: null } satisfies RehearsalProgress
}

test('everybody who was not served in time counts as late, and people turned away do not', async (t) => {
  const second = { intended: 9, served: 4, late: 1, failed: 2, abandoned: 3, turnedAway: 5 }
  const state = new LiveStates().after(progress({ second } as unknown as Partial<LoadSnapshot>))
  t.match(state, {
    offeredPerSecond: 9,
    servedPerSecond: 4,
    latePerSecond: 6,
    refusedPerSecond: 5,
  })
})

test('a second without news shows zeros, and the prelude shows no negative time', async (t) => {
  const state = new LiveStates().after(progress({ atMs: -3_000 }))
  t.match(state, { elapsedMs: 0, offeredPerSecond: 0, latePerSecond: 0, p95Ms: null })
})

test('remembers the last minute of p95, without gaps, and forgets it with the arm', async (t) => {
  const states = new LiveStates()
  for (let p95 = 1; p95 <= 61; p95 += 1) states.after(progress({ recentP95Ms: p95 }))
  const { p95HistoryMs } = states.after(progress({ recentP95Ms: null }))
  t.strictSame([p95HistoryMs.length, p95HistoryMs[0], p95HistoryMs.at(-1)], [60, 2, 61])
  const next = states.after(progress({ recentP95Ms: 7 }, 'edge'))
  t.strictSame([next.arm, next.p95HistoryMs], ['with the edge', [7]])
})

test('warns before the generator makes the run invalid', async (t) => {
  const rows = [
    { startLagP99Ms: 25, expect: 'ok' },
    { startLagP99Ms: 25.1, expect: 'strained' },
    { startLagP99Ms: 50, expect: 'strained' },
    { startLagP99Ms: 50.1, expect: 'failing' },
  ]
  for (const { startLagP99Ms, expect } of rows) {
    t.equal(new LiveStates().after(progress({ startLagP99Ms })).generator, expect)
  }
})

test('a log takes one line in ten seconds, from the start of each arm', async (t) => {
  const rows = [
    { atMs: -1, expect: false },
    { atMs: 0, expect: true },
    { atMs: 9_999, expect: false },
    { atMs: 10_000, expect: true },
    { atMs: 10_000, expect: false },
    { atMs: 45_000, expect: true },
    { atMs: 44_000, expect: false },
  ]
  const states = new LiveStates()
  for (const { atMs, expect } of rows) {
    const now = progress({ atMs })
    states.after(now)
    t.equal(states.isTenth(now), expect, `at ${atMs} ms`)
  }
  const next = progress({ atMs: 0 }, 'edge')
  states.after(next)
  t.equal(states.isTenth(next), true, 'the other arm')
})
