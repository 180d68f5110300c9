import { test } from 'tap'
import { openPolicy } from '../../test/support/exchange.ts'
import { followingProblem, isLater, isSame, revertedPolicy } from './policy-change.ts'

const stamps: { what: string; a: [number, number]; b: [number, number]; expect: boolean }[] = [
  { what: 'a higher version', a: [3, 0], b: [2, 9], expect: true },
  { what: 'a lower one, made later', a: [2, 9], b: [3, 0], expect: false },
  { what: 'the same version made later elsewhere', a: [2, 9], b: [2, 8], expect: true },
  { what: 'the very same', a: [2, 9], b: [2, 9], expect: false },
  {
    what: 'a version somebody put, against the one from the start',
    a: [2, 1],
    b: [2, 0],
    expect: true,
  },
]
for (const { what, a, b, expect } of stamps) {
  test(`${what} ${expect ? 'wins' : 'does not win'}`, async (t) => {
    const [first, second] = [a, b].map(([version, atMs]) => ({ version, atMs }))
    if (first && second) t.equal(isLater(first, second), expect)
  })
}

test('a policy follows another by a higher version, or says exactly the same', async (t) => {
  const current = { ...openPolicy, version: 7 }
  t.equal(followingProblem(current, { ...current, version: 8 }), undefined)
  t.equal(followingProblem(current, { ...current }), undefined)
  t.match(followingProblem(current, { ...current, closed: ['page'] }), /more than 7.*found 7/)
  t.match(followingProblem(current, { ...current, version: 6 }), /found 6/)
})

test('going back is a version of its own, so that it outlives a restart', async (t) => {
  const back = revertedPolicy({ ...openPolicy, version: 9 }, { ...openPolicy, closed: ['page'] })
  t.match(back, { version: 10, closed: ['page'] })
})

test('two documents say the same whatever the order of their keys', async (t) => {
  t.ok(isSame({ a: [1, { b: 2 }], c: 3 }, { c: 3, a: [1, { b: 2 }] }))
  for (const other of [{ a: [1, { b: 3 }], c: 3 }, { c: 3 }, { a: { 0: 1 }, c: 3 }, null, 'a']) {
    t.notOk(isSame({ a: [1, { b: 2 }], c: 3 }, other), JSON.stringify(other))
  }
})
