import { test } from 'tap'
import type { Priority } from '../policy/policy.ts'
import { type Waiter, WaitingLine } from './waiting-line.ts'

const waiter = (line: Priority | 'apply'): Waiter => ({
  line,
  className: 'c',
  arrivedAtMs: 0,
  deadlineAtMs: 5_000,
})

test('telemetry, bulk and applies that wait are no sign that people wait', async (t) => {
  const line = new WaitingLine<Waiter>()
  for (const one of [5, 6, 6, 'apply'] as const) line.push(waiter(one))
  t.equal(line.size, 4)
  t.equal(line.pressing, 0)
  for (const one of [0, 2, 4] as const) line.push(waiter(one))
  t.equal(line.pressing, 3)
  line.takeNext(0, 'people')
  t.equal(line.pressing, 2, 'the most pressing goes first')
})
