import { test } from 'tap'
import { type RandomStream, randomStream, unguessable } from './random.ts'

function draws(random: RandomStream, count: number): number[] {
  return Array.from({ length: count }, () => random.next())
}

/** Pearson's statistic over 100 equal cells; 99 degrees of freedom, so 149 is passed once in 1000. */
function chiSquare(values: readonly number[]): number {
  const cells = Array.from({ length: 100 }, () => 0)
  for (const value of values) cells[Math.floor(value * 100)]! += 1
  const expected = values.length / cells.length
  return cells.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

test('equal names give equal streams', async (t) => {
  t.same(draws(randomStream(7, 'session', 3), 50), draws(randomStream(7, 'session', 3), 50))
})

test('different names give different streams', async (t) => {
  const names: (number | string)[][] = [
    [7],
    [8],
    ['7'],
    [7, 'session'],
    [7, 'session', 1],
    [7, 'session', '1'],
    [7, 'sessio', 'n1'],
    [7, 'session1'],
    [-7],
    [7.5],
    [''],
    ['', ''],
  ]
  const firsts = names.map(([seed = 0, ...path]) => randomStream(seed, ...path).next())
  t.equal(new Set(firsts).size, names.length)
})

test('these streams are the same on every machine and in every later version', async (t) => {
  t.same(draws(randomStream(1), 3), [0.749645877955458, 0.8513081982870568, 0.1898765672696846])
  t.same(draws(randomStream(42, 'session', 7), 2), [0.4128414488957417, 0.8686733999938048])
  t.same(draws(randomStream('évènement'), 2), [0.04312495399643834, 0.5344686859564398])
})

test('draws are uniform within a stream', async (t) => {
  for (const seed of [1, 2, 'x']) {
    const values = draws(randomStream(seed), 100_000)
    t.ok(values.every((value) => value >= 0 && value < 1))
    t.ok(chiSquare(values) < 149, `seed ${seed}: ${chiSquare(values)}`)
  }
})

test('first draws are uniform across streams, as each session has its own', async (t) => {
  const firsts = Array.from({ length: 100_000 }, (_, i) => randomStream(1, 'session', i).next())
  t.ok(chiSquare(firsts) < 149, String(chiSquare(firsts)))
})

test('one draw says nothing about the next', async (t) => {
  const values = draws(randomStream(3), 100_000)
  const pairs = values.slice(1).map((value, i) => (value - 0.5) * ((values[i] as number) - 0.5))
  const correlation = (pairs.reduce((sum, pair) => sum + pair, 0) / pairs.length) * 12
  t.ok(Math.abs(correlation) < 3.3 / Math.sqrt(pairs.length), String(correlation))
})

test('what must not be guessed is long enough and never the same', async (t) => {
  t.match(unguessable(16), /^[\w-]{22}$/)
  t.not(unguessable(16), unguessable(16))
})
