import { test } from 'tap'
import { reconcile } from './write-audit.ts'

const ack = (key: string, principal = 'u1') => ({ key, principal })
const row = (key: string, principal = 'u1') => ({ order: 1, key, principal, hash: 'h' })

test('every acknowledged write is applied, in the dead letters, or lost', (t) => {
  const cases = [
    { why: 'nothing at all', acks: [], ledger: [], dead: [], expect: [0, 0, 0, 0, 0, 0] },
    { why: 'applied', acks: [ack('a')], ledger: [row('a')], dead: [], expect: [1, 1, 0, 0, 0, 0] },
    { why: 'lost', acks: [ack('a')], ledger: [], dead: [], expect: [1, 0, 0, 1, 0, 0] },
    { why: 'dead-lettered', acks: [ack('a')], ledger: [], dead: ['a'], expect: [1, 0, 1, 0, 0, 0] },
    {
      why: 'applied although its outcome was unknown',
      acks: [ack('a')],
      ledger: [row('a')],
      dead: ['a'],
      expect: [1, 1, 0, 0, 0, 0],
    },
    {
      why: 'applied twice',
      acks: [ack('a')],
      ledger: [row('a'), row('a')],
      dead: [],
      expect: [1, 1, 0, 0, 1, 0],
    },
    {
      why: 'clicked twice, acknowledged twice, applied once',
      acks: [ack('a'), ack('a')],
      ledger: [row('a')],
      dead: [],
      expect: [1, 1, 0, 0, 0, 0],
    },
    { why: 'a ghost', acks: [], ledger: [row('a')], dead: [], expect: [0, 0, 0, 0, 0, 1] },
    {
      why: 'a ghost applied twice',
      acks: [],
      ledger: [row('a'), row('a')],
      dead: [],
      expect: [0, 0, 0, 0, 1, 1],
    },
    {
      why: 'in another person’s name',
      acks: [ack('a', 'u1')],
      ledger: [row('a', 'u2')],
      dead: [],
      expect: [1, 0, 0, 1, 0, 1],
    },
    {
      why: 'the same key of two people',
      acks: [ack('a', 'u1'), ack('a', 'u2')],
      ledger: [row('a', 'u1'), row('a', 'u2')],
      dead: [],
      expect: [2, 2, 0, 0, 0, 0],
    },
  ]
  for (const { why, acks, ledger, dead, expect } of cases) {
    const it = reconcile({ acknowledged: acks, ledger, deadLetterKeys: dead })
    t.same(
      [it.acknowledged, it.applied, it.deadLettered, it.lost, it.duplicated, it.ghost],
      expect,
      why,
    )
    t.equal(it.applied + it.deadLettered + it.lost, it.acknowledged, `${why}: all accounted for`)
  }
  t.end()
})

test('zero lost of n is worth a bound of 3/n and no more', (t) => {
  const boundOf = (n: number, applied: number): number | null => {
    const keys = Array.from({ length: n }, (_, index) => String(index))
    const ledger = keys.slice(0, applied).map((key) => row(key))
    return reconcile({ acknowledged: keys.map((key) => ack(key)), ledger, deadLetterKeys: [] })
      .lostUpperBoundRatio
  }
  t.equal(boundOf(3000, 3000), 0.001)
  t.equal(boundOf(2, 2), 1, 'never more than everything')
  t.equal(boundOf(0, 0), null, 'nothing written, nothing known')
  t.equal(boundOf(10, 9), null, 'one lost: the bound does not apply')
  t.end()
})

test('names at most 20 lost keys but counts them all', (t) => {
  const acknowledged = Array.from({ length: 50 }, (_, index) => ack(`k${index}`))
  const { lost, lostKeys } = reconcile({ acknowledged, ledger: [], deadLetterKeys: [] })
  t.same([lost, lostKeys.length, lostKeys[0]], [50, 20, 'k0'])
  t.end()
})
