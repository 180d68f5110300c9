import { test } from 'tap'
import { SchoolLines, type Sharer } from './school-lines.ts'
import { type SchoolShare, SchoolShares } from './school-shares.ts'

const inOrder = () => false
const lastFirst = () => true
const request = (share: SchoolShare, level: Sharer['level'] = 0): Sharer => ({
  share,
  level,
  costMs: 100,
  arrivedAtMs: 0,
})

/** How the slots are shared while each school keeps `waiting` requests in line. */
function served(
  demands: Readonly<Record<string, { weight: number; waiting: number }>>,
  turns: number,
): Record<string, number> {
  const shares = new SchoolShares()
  const line = new SchoolLines<Sharer & { readonly school: string }>('share')
  const counts: Record<string, number> = {}
  const ask = (school: string) =>
    line.push({ ...request(shares.of(school, demands[school]?.weight ?? 1)), school })
  for (const [school, { waiting }] of Object.entries(demands))
    for (let i = 0; i < waiting; i += 1) ask(school)
  for (let turn = 0; turn < turns; turn += 1) {
    shares.weigh(() => true, turn * 100)
    const one = line.takeNext(inOrder)
    if (one === undefined) break
    shares.charge(one.share, one.costMs, 8)
    counts[one.school] = (counts[one.school] ?? 0) + 1
    ask(one.school)
  }
  return counts
}

test('schools share in proportion to their weight, however many of them wait', async (t) => {
  const rows = [
    { a: { weight: 1, waiting: 1 }, b: { weight: 1, waiting: 50 }, expect: 500 },
    { a: { weight: 3, waiting: 1 }, b: { weight: 1, waiting: 50 }, expect: 750 },
    { a: { weight: 1, waiting: 2 }, b: { weight: 9, waiting: 2 }, expect: 100 },
  ]
  for (const { a, b, expect } of rows) {
    const counts = served({ a, b }, 1_000)
    t.ok(Math.abs((counts['a'] ?? 0) - expect) <= 20, `${counts['a']} of ${expect}`)
  }
})

test('what one school leaves is lent to the others, and cannot be claimed later', async (t) => {
  const shares = new SchoolShares()
  const busy = shares.of('busy', 1)
  shares.weigh(() => true, 0)
  for (let i = 0; i < 1_000; i += 1) shares.charge(busy, 100, 8)
  const quiet = shares.of('quiet', 1)
  t.ok(quiet.tag > 0, 'who was away starts from now')
  t.ok(busy.tag - quiet.tag < 1e5, 'and who was not is forgiven nearly all')
})

test('only who is ahead by more than a bunch of pages is beyond its share', async (t) => {
  const shares = new SchoolShares()
  const small = shares.of('small', 10)
  shares.of('large', 9_990)
  shares.weigh(() => true, 0)
  for (let i = 0; i < 200; i += 1) shares.charge(small, 100, 8)
  t.notOk(shares.isBeyond(small, 8), 'ten first pages at once is a small school’s way of asking')
  shares.charge(small, 100, 8)
  shares.charge(small, 100, 8)
  t.ok(shares.isBeyond(small, 8))
  const large = shares.of('large', 9_990)
  for (let i = 0; i < 1_000; i += 1) shares.charge(large, 100, 8)
  t.notOk(shares.isBeyond(large, 8), 'a large one may use what is its own')
})

test('schools nobody asks for any more are forgotten', async (t) => {
  const shares = new SchoolShares()
  for (let i = 0; i < 1_000; i += 1) shares.of(`${i}`, 1)
  shares.weigh((school) => school === '7', 0)
  t.equal(shares.size, 1)
})

test('a school that had its share is shed before one that had none', async (t) => {
  const line = new SchoolLines<Sharer>('share')
  const ahead = { tag: 10, weight: 1 }
  line.push(request(ahead))
  const newcomer = request({ tag: 0, weight: 1 })
  line.push(newcomer)
  t.equal(line.takeWorst()?.share, ahead)
  t.equal(line.takeNext(inOrder), newcomer)
})

test('of one school, who used more than others goes last and is shed first', async (t) => {
  const line = new SchoolLines<Sharer>('share')
  const share = { tag: 0, weight: 1 }
  const [heavy, usual, other] = [request(share, 2), request(share), request(share, 1)]
  for (const one of [heavy, usual, other]) line.push(one)
  t.equal(line.takeWorst(), heavy)
  t.equal(line.takeNext(inOrder), usual)
  t.equal(line.takeNext(inOrder), other)
  t.equal(line.takeNext(inOrder), undefined)
})

test('among equals the first comes first, or the last when the head has waited too long', async (t) => {
  const line = new SchoolLines<Sharer>('share')
  const share = { tag: 0, weight: 1 }
  const [first, second, third] = [request(share), request(share), request(share)]
  for (const one of [first, second, third]) line.push(one)
  t.equal(line.takeNext(lastFirst), third)
  t.equal(line.takeNext(inOrder), first)
  t.ok(line.remove(second))
  t.notOk(line.remove(second))
  t.equal(line.size, 0)
})

test('in order of arrival a school that had less does not go before one that came first', (t) => {
  const [had, hadLess] = [
    { tag: 900, weight: 1 },
    { tag: 100, weight: 1 },
  ]
  const rows = [
    { order: 'arrival', expect: [had, hadLess, had] },
    { order: 'share', expect: [hadLess, had, had] },
  ] as const
  for (const { order, expect } of rows) {
    const line = new SchoolLines<Sharer>(order)
    line.push({ ...request(had), arrivedAtMs: 1 })
    line.push({ ...request(hadLess), arrivedAtMs: 2 })
    line.push({ ...request(had), arrivedAtMs: 3 })
    const taken = [1, 2, 3].map(() => line.takeNext(inOrder)?.share)
    t.strictSame(taken, expect, order)
  }
  t.end()
})
