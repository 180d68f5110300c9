import { test } from 'tap'
import { auditWrites, keyOf, writeOf } from './audit.ts'

const acknowledged = new Map([[7, new Set([1, 2, 3])]])
const ledgerOf = (...numbers: number[]) => numbers.map((n) => ({ key: keyOf(7, n) }))

const rows = [
  { what: 'all applied in order', ledger: [1, 2, 3], parked: [], expect: [0, 0, 0, 0] },
  { what: 'one is missing', ledger: [1, 3], parked: [], expect: [1, 0, 0, 0] },
  { what: 'the missing one is parked', ledger: [1, 3], parked: [2], expect: [0, 0, 0, 0] },
  { what: 'one was applied twice', ledger: [1, 2, 2, 3], parked: [], expect: [0, 1, 0, 0] },
  { what: 'one was overtaken', ledger: [1, 3, 2], parked: [], expect: [0, 0, 1, 0] },
  { what: 'the overtaken one is in doubt', ledger: [1, 3, 2], parked: [2], expect: [0, 0, 0, 0] },
  { what: 'one nobody was told of', ledger: [1, 2, 3, 4], parked: [], expect: [0, 0, 0, 1] },
  { what: 'nothing happened at all', ledger: [], parked: [], expect: [3, 0, 0, 0] },
]

test('the audit tells what was lost, doubled, overtaken', async (t) => {
  for (const { what, ledger, parked, expect } of rows) {
    const audit = auditWrites(
      { acknowledged },
      { ledger: ledgerOf(...ledger), deadLetterKeys: parked.map((n) => keyOf(7, n)) },
    )
    const { lost, duplicated, disordered, unacknowledgedApplied } = audit
    const found = [lost.length, duplicated.length, disordered.length, unacknowledgedApplied]
    t.same(found, expect, what)
    t.equal(audit.acknowledged, 3)
  }
})

test('a key says whose write it is, and foreign keys are not ours', async (t) => {
  t.same(writeOf(keyOf(12, 345)), { person: 12, n: 345 })
  t.equal(writeOf('key-1-2'), undefined)
})
