import { test } from 'tap'
import { addRow, emptyColumns, newest, secondsPlayed, sinceStart, valueAfter } from './series.ts'

const figures = ['a', 'b']

test('rows become columns, in order, each instant once', async (t) => {
  const columns = emptyColumns(figures)
  for (const row of [
    [1_000, 1, null],
    [2_000, 2, 20],
    [2_000, 3, 30],
    [1_500, 4, 40],
    [3_000, 5],
  ]) {
    addRow(columns, figures, row)
  }
  t.same(columns, { atSeconds: [1, 2, 3], values: { a: [1, 2, 5], b: [null, 20, null] } })
})

test('a page left open for a day keeps an hour', async (t) => {
  const columns = emptyColumns(figures)
  for (let second = 1; second <= 86_400; second += 1)
    addRow(columns, figures, [second * 1_000, second])
  t.ok(columns.atSeconds.length <= 4_000)
  t.ok(columns.atSeconds.length >= 3_600)
  t.equal(columns.values['a']?.length, columns.atSeconds.length)
  t.equal(newest(columns, 'a'), 86_400)
})

test('the newest value is the last row’s, unless one may look back', async (t) => {
  const columns = emptyColumns(figures)
  t.equal(newest(columns, 'a'), null)
  t.equal(newest(undefined, 'a'), null)
  addRow(columns, figures, [1_000, 7, 8])
  addRow(columns, figures, [2_000, null, 9])
  t.equal(newest(columns, 'a'), null)
  t.equal(newest(columns, 'a', 2), 7)
  t.equal(newest(columns, 'nothing', 5), null)
})

test('two arms that ran one after the other compare at the same second', async (t) => {
  const arms = new Map([
    ['direct', emptyColumns(['a'])],
    ['edge', emptyColumns(['a'])],
  ])
  for (const at of [0, 1, 3])
    addRow(arms.get('direct') ?? emptyColumns([]), ['a'], [at * 1_000 + 5_000, at])
  for (const at of [0, 1])
    addRow(arms.get('edge') ?? emptyColumns([]), ['a'], [at * 1_000 + 99_000, 10 + at])
  const wanted = [
    { arm: 'direct', figure: 'a' },
    { arm: 'edge', figure: 'a' },
    { arm: 'nobody', figure: 'a' },
  ]
  t.same(sinceStart(arms, wanted), {
    seconds: [0, 1, 2, 3],
    lines: [
      [0, 1, null, 3],
      [10, 11, null, null],
      [null, null, null, null],
    ],
  })
  t.same(sinceStart(new Map(), []), { seconds: [], lines: [] })
})

test('an arm that is over is read at the second in which the other one is', async (t) => {
  const columns = emptyColumns(figures)
  t.equal(secondsPlayed(columns), 0)
  t.equal(valueAfter(columns, 'a', 3), null)
  for (const at of [0, 1, 2, 5]) addRow(columns, figures, [7_000 + at * 1_000, at * 10, null])
  t.equal(secondsPlayed(columns), 5)
  t.equal(valueAfter(columns, 'a', 1), 10)
  t.equal(valueAfter(columns, 'a', 4), 20, 'a second without a row shows the one before')
  t.equal(valueAfter(columns, 'a', 99), 50)
  t.equal(valueAfter(columns, 'b', 1), null)
})
