import { test } from 'tap'
import type { LoadSnapshot } from '../engine/load-result.ts'
import { LiveRows, rehearsalFigures } from './live-rows.ts'

function snapshot(pagesInSlo: number, served: number): LoadSnapshot {
  return {
    atMs: 1_000,
    endMs: 9_000,
    phase: 'peak',
    sessions: 40,
    requestsInFlight: 9,
    second: {
      atMs: 0,
      intended: 50,
      inSlo: 0,
      late: 0,
      failed: 0,
      refused: 0,
      abandoned: 0,
      unfinished: 0,
      logins: 0,
      attempts: 80,
      served,
      requests: 900,
      turnedAway: 7,
      concurrent: 40,
    },
    recentP95Ms: 1_200,
    pagesIntended: 100,
    pagesInSlo,
    acknowledgedWrites: 0,
    foreignCanaries: 0,
    startLagP99Ms: 1,
  }
}

test('pages in time are those of this second, and each arm begins anew', async (t) => {
  const rows = new LiveRows()
  const alone = { backlog: null, edge: {} }
  t.match(rows.after('direct', snapshot(10, 12), alone), { inTimePerSecond: 10, latePerSecond: 2 })
  t.match(rows.after('direct', snapshot(13, 4), alone), { inTimePerSecond: 3, latePerSecond: 1 })
  t.match(rows.after('edge', snapshot(5, 5), alone), { inTimePerSecond: 5, latePerSecond: 0 })
})

test('the edge adds what only it knows, and does not overrule the engine', async (t) => {
  const edge = { waitingPeople: 12, insideSessions: 3, p95Ms: 5 }
  const row = new LiveRows().after('edge', snapshot(1, 1), { backlog: 4, edge })
  t.match(row, { waitingPeople: 12, insideSessions: 40, p95Ms: 1_200, backlogWrites: 4 })
  const known = new Set<string>(rehearsalFigures)
  t.same(
    Object.keys(row).filter((name) => !known.has(name)),
    [],
  )
})
