import { test } from 'tap'
import { PhaseAccounts } from './phase-accounts.ts'

test('slot seconds are split exactly where a phase ends', async (t) => {
  const accounts = new PhaseAccounts(4, 0)
  accounts.databaseBusy(2, 1_000)
  accounts.startPhase('peak', 3_000)
  accounts.databaseBusy(4, 5_000)
  const { start, peak } = accounts.snapshot(6_000)
  t.match(start, { seconds: 3, poolSecondsHad: 12, poolSecondsBusy: 4 })
  t.match(peak, { seconds: 3, poolSecondsHad: 12, poolSecondsBusy: 8 })
})

test('a phase named again is continued', async (t) => {
  const accounts = new PhaseAccounts(1, 0)
  accounts.startPhase('calm', 1_000)
  accounts.startPhase('start', 3_000)
  t.equal(accounts.snapshot(10_000)['start']?.seconds, 8)
})

test('looking twice, or time going backwards, adds nothing', async (t) => {
  const accounts = new PhaseAccounts(1, 1_000)
  accounts.snapshot(2_000)
  accounts.snapshot(2_000)
  t.equal(accounts.snapshot(1_500)['start']?.seconds, 1)
})

test('only answers that somebody got in time are useful', async (t) => {
  const accounts = new PhaseAccounts(1, 0)
  for (let i = 0; i < 5; i += 1) accounts.arrived()
  accounts.ended({ kind: 'delivered', status: 200, usefulMs: 110 })
  accounts.ended({ kind: 'delivered', status: 403, usefulMs: 0 })
  accounts.ended({ kind: 'late', status: 200 })
  accounts.ended({ kind: 'gone' })
  t.equal(accounts.inFlight, 1)
  t.match(accounts.snapshot(0)['start'], {
    requests: 4,
    byStatus: { 200: 2, 403: 1 },
    servedLate: 1,
    clientGone: 1,
    poolSecondsUseful: 0.11,
  })
})
