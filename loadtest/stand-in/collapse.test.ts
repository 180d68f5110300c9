import { test } from 'tap'
import { contentionFactor, slowStartFactor } from './collapse.ts'

test('service times rise from 1 to 1 + contention as workers crowd the database', async (t) => {
  const rows = [
    { busyWorkers: 0, expect: 1, when: 'idle' },
    { busyWorkers: 8, expect: 1, when: 'as many workers as slots' },
    { busyWorkers: 20, expect: 1.3, when: 'half of the other workers' },
    { busyWorkers: 32, expect: 1.6, when: 'every worker' },
    { busyWorkers: 40, expect: 1.6, when: 'beyond the pool' },
  ]
  for (const { busyWorkers, expect, when } of rows) {
    const factor = contentionFactor({ busyWorkers, workers: 32, databaseSlots: 8 }, 0.6)
    t.equal(factor, expect, when)
  }
})

test('without contention, or without workers to spare, nothing is stretched', async (t) => {
  t.equal(contentionFactor({ busyWorkers: 32, workers: 32, databaseSlots: 8 }, 0), 1)
  t.equal(contentionFactor({ busyWorkers: 8, workers: 8, databaseSlots: 8 }, 0.6), 1)
  t.equal(contentionFactor({ busyWorkers: 4, workers: 4, databaseSlots: 8 }, 0.6), 1)
})

test('a cold start is 2.5 times slower at first and over after 15 s', async (t) => {
  const rows = [
    [0, 2.5],
    [7_500, 1.75],
    [15_000, 1],
    [86_400_000, 1],
    [-5, 2.5],
  ] as const
  for (const [sinceStartMs, expect] of rows) t.equal(slowStartFactor(sinceStartMs), expect)
})
