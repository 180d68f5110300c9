import { test } from 'tap'
import type { Schedule } from '../schedule/plan.ts'
import type { Session } from '../schedule/session.ts'
import { scheduledTotals } from './scheduled-totals.ts'

/** A run of ten seconds with the sessions given. */
function scheduled(sessions: readonly object[]) {
  const schedule = {
    durationMs: 10_000,
    sessionCount: sessions.length,
    sessionAt: (index: number) => ({ firstPage: 0, ...sessions[index] }) as unknown as Session,
  }
  return scheduledTotals(schedule as unknown as Schedule)
}

const pages = (...thinkMs: number[]) => thinkMs.map((one) => ({ thinkMs: one }))

test('counts what a run will ask for', async (t) => {
  const rows = [
    { phrase: 'nobody', sessions: [], expect: { sessions: 0, pages: 0, meanDurationMs: 0 } },
    {
      phrase: 'the pause after the last page is no time of the session',
      sessions: [{ startMs: 0, pages: pages(1_000, 2_000, 500) }],
      expect: { sessions: 1, pages: 3, meanDurationMs: 3_000 },
    },
    {
      phrase: 'pages at or after the end are not asked for',
      sessions: [{ startMs: 8_000, pages: pages(1_999, 1, 1_000) }],
      expect: { sessions: 1, pages: 2, meanDurationMs: 2_000 },
    },
    {
      phrase: 'who is inside already began before, and has the rest of the pages to go',
      sessions: [{ startMs: -5_000, resumeAtMs: 100, firstPage: 1, pages: pages(5_000, 50, 0) }],
      expect: { sessions: 0, pages: 2, meanDurationMs: 5_050 },
    },
  ]
  for (const { phrase, sessions, expect } of rows) t.strictSame(scheduled(sessions), expect, phrase)
})
