import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { judgeFigures, markText } from './bench.ts'
import { cacheMarks, cacheRows } from './cache/marks.ts'
import { medianRound, spreadRatio } from './cache/rounds.ts'
import { requestText, targetOf, zipfAsks } from './cache/traffic.ts'
import { randomStream } from '../core/random.ts'
import { figureText, textTable } from './text-table.ts'

test('a figure holds at its bound and not beyond, and one that nobody measured is missing', async (t) => {
  const marks = [
    { id: 'fast', unit: 'x', atLeast: 2 },
    { id: 'few', unit: 'y', atMost: 3 },
    { id: 'known', unit: 'z' },
    { id: 'forgotten', unit: 'z' },
  ]
  const judge = (fast: number | null, few: number) =>
    judgeFigures(marks, [
      { id: 'fast', value: fast },
      { id: 'few', value: few },
      { id: 'known', value: 1 },
    ])
  t.same(
    judge(2, 3).figures.map(({ holds }) => holds),
    [true, true, null],
  )
  t.same(
    judge(1.99, 3.01).figures.map(({ holds }) => holds),
    [false, false, null],
  )
  t.equal(judge(null, 1).figures[0]?.holds, null, 'not measured is neither')
  t.same(judge(2, 3).missing, ['forgotten'])
  t.throws(() => judgeFigures(marks, [{ id: 'invented', value: 1 }]), /not in the list of marks/)
})

test('every row and every mark of the cache benchmark is documented as it is', async (t) => {
  const text = readFileSync(new URL('../docs/benchmarks.md', import.meta.url), 'utf8')
  for (const mark of cacheMarks) {
    const cells = `| \`${mark.id}\` | ${mark.unit} | ${markText(mark) ?? ''}`.trimEnd()
    t.ok(text.includes(`${cells} |`), mark.id)
  }
  for (const row of cacheRows) t.match(text, new RegExp(`^\\| .*\`${row}\`.* \\|`, 'm'), row)
})

test('rounds are judged by their medians and by how far apart they lie', async (t) => {
  const round = (requestsPerSecond: number) => ({
    requestsPerSecond,
    p50Ms: 1,
    p99Ms: 2,
    residentMb: 3,
    coreUs: 4,
  })
  t.equal(medianRound([round(5), round(1), round(3)]).requestsPerSecond, 3)
  t.equal(spreadRatio([100, 80, 110]), 0.2)
  t.equal(spreadRatio([7]), 0)
})

test('requests look like a browser of the portal, and the popular ones come most', async (t) => {
  const facts = { kind: 'public/2k', count: 20_000, privateRatio: 0.05 } as const
  const asks = zipfAsks(randomStream('test'), facts)
  const share = (target: string) => asks.filter((ask) => ask.target === target).length / asks.length
  // Zipf: 1/9.79 of the public ones for the first of ten thousand, half of it for the second.
  t.ok(Math.abs(share(targetOf('public/2k', 0)) - 0.097) < 0.01)
  t.ok(Math.abs(share(targetOf('public/2k', 1)) - 0.0485) < 0.01)
  const isPrivate = asks.filter(({ target }) => target.startsWith('/private/')).length
  t.ok(Math.abs(isPrivate / asks.length - 0.05) < 0.01)
  const head = requestText(asks[0] as (typeof asks)[0])
  t.ok(head.length > 750 && head.length < 950, `${head.length} bytes`)
  t.match(head, /\r\nCookie: PORTALSESSION=s\d{5}\w{32}; .*\r\n\r\n$/)
})

test('a table keeps its columns', async (t) => {
  const rows = [
    ['a', 'b', '1'],
    ['long', 'b', '22'],
  ]
  t.same(textTable(rows), ['a     b   1', 'long  b  22'])
  t.same([0.123, 12.34, 123.4, 12_345.6, null].map(figureText), [
    '0.12',
    '12.3',
    '123',
    '12 346',
    '-',
  ])
})
