import { test } from 'tap'
import { RetryBudget } from './retry-budget.ts'

test('nothing is sent again before ten were sent', async (t) => {
  const budget = new RetryBudget()
  t.notOk(budget.spend(), 'zero')
  for (let i = 0; i < 9; i += 1) budget.earn()
  t.notOk(budget.spend(), 'one before the boundary')
  budget.earn()
  t.ok(budget.spend(), 'the exact boundary')
  t.notOk(budget.spend(), 'and it is spent')
})

test('a portal that fails for everybody is asked 1.1 times at most', async (t) => {
  const budget = new RetryBudget()
  let sent = 0
  for (let i = 0; i < 10_000; i += 1) {
    budget.earn()
    sent += 1
    while (budget.spend()) sent += 1
  }
  t.ok(sent <= 11_000 && sent > 10_900, `${sent} for 10,000`)
})

test('a quiet hour does not buy a storm', async (t) => {
  const budget = new RetryBudget()
  for (let i = 0; i < 100_000; i += 1) budget.earn()
  let retries = 0
  while (budget.spend()) retries += 1
  t.ok(retries <= 10, `${retries}`)
})
