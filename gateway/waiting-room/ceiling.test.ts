import { test } from 'tap'
import { nextCeiling } from './ceiling.ts'

const rules = {
  targetPressureRatio: 0.75,
  entrySlotSeconds: 2.5,
  minInside: 20,
  maxInside: 1_000,
  idleSeconds: 60,
}

test('the ceiling rises by what the headroom can serve, falls slowly, and keeps its bounds', async (t) => {
  const rows = [
    {
      ceiling: 100,
      inside: 100,
      busy: 0,
      expect: 103,
      phrase: 'idle gate: 7.5 slots, 2.5 slot-seconds each',
    },
    { ceiling: 100, inside: 100, busy: 0.65, expect: 100.4, phrase: 'near the target: gently' },
    { ceiling: 100, inside: 100, busy: 0.75, expect: 100, phrase: 'on the target: not at all' },
    { ceiling: 100, inside: 95, busy: 1, expect: 95, phrase: 'busy: down' },
    {
      ceiling: 100,
      inside: 50,
      busy: 1,
      queued: 80,
      expect: 90,
      phrase: 'full: the steepest fall',
    },
    { ceiling: 100, inside: 100, busy: 1, queued: 80, expect: 95, phrase: 'just closes the door' },
    { ceiling: 100, inside: 130, busy: 1, queued: 80, expect: 100, phrase: 'never up when busy' },
    { ceiling: 100, inside: 89, busy: 0, expect: 100, phrase: 'nobody is held back: stays' },
    { ceiling: 20, inside: 0, busy: 1, queued: 80, expect: 20, phrase: 'never under the minimum' },
    { ceiling: 1_000, inside: 1_000, busy: 0, expect: 1_000, phrase: 'never over the maximum' },
  ]
  for (const row of rows) {
    const load = { utilisationRatio: row.busy, queued: row.queued ?? 0, limit: 10 }
    const { ceiling, inside } = row
    const next = nextCeiling({ ceiling, inside, load, rules, elapsedSeconds: 1 })
    t.ok(Math.abs(next - row.expect) < 1e-9, `${row.phrase}: ${next}`)
  }
})

test('the ceiling moves with time, not with how often it is looked at', async (t) => {
  const load = { utilisationRatio: 0.25, queued: 0, limit: 10 }
  const [inside, ceiling] = [100, 100]
  const once = nextCeiling({ ceiling, inside, load, rules, elapsedSeconds: 1 })
  let often: number = ceiling
  for (let quarter = 0; quarter < 4; quarter += 1) {
    often = nextCeiling({ ceiling: often, inside, load, rules, elapsedSeconds: 0.25 })
  }
  t.ok(Math.abs(once - often) < 1e-9)
  t.equal(
    nextCeiling({ ceiling, inside, load, rules, elapsedSeconds: 0 }),
    100,
    'time stands still',
  )
})
