import { test } from 'tap'
import { differences, exitCodesIn, failureCodesIn, keysOf, settingText } from './documented.ts'
import { anchorsIn, codeBlocksIn, linksIn, tablesIn, tableUnder } from './markdown.ts'

const rows: { what: string; inCode: string[]; inDocs: string[]; expect: string[] }[] = [
  { what: 'the same in another order', inCode: ['a', 'b'], inDocs: ['b', 'a'], expect: [] },
  { what: 'nothing at all', inCode: [], inDocs: [], expect: [] },
  { what: 'a thing nobody described', inCode: ['a'], inDocs: [], expect: ['not documented: a'] },
  { what: 'a thing that is gone', inCode: [], inDocs: ['a'], expect: ['not in the code: a'] },
  { what: 'a thing described twice', inCode: ['a'], inDocs: ['a', 'a'], expect: ['twice: a'] },
  { what: 'a thing made in two places', inCode: ['a', 'a'], inDocs: ['a'], expect: [] },
  {
    what: 'another default',
    inCode: ['port = 1'],
    inDocs: ['port = 2'],
    expect: ['not documented: port = 1', 'not in the code: port = 2'],
  },
]

for (const { what, inCode, inDocs, expect } of rows) {
  test(`${what} is ${expect.length === 0 ? 'fine' : 'found'}`, async (t) => {
    t.same(differences({ inCode, inDocs }), expect)
  })
}

const page = `# Page

## One \`thing\`

Text.

| name | value |
| --- | --- |
| \`a\` | 1, \`2\` |
| \`b\` | x \\| y |

After. [there](other.md#two-things) and \`[not](code.md)\`.

\`\`\`md
[nor](this.md)
\`\`\`

## Two things (and, a half)

| name |
| --- |
| c |
`

test('a table is read under its heading', async (t) => {
  t.same(tableUnder(page, 'One thing'), [
    ['a', '1, 2'],
    ['b', 'x | y'],
  ])
  t.same(tableUnder(page, 'Two things (and, a half)'), [['c']])
  t.same(tablesIn(page).length, 2)
})

test('a heading or a table that is gone is an error, not an empty table', async (t) => {
  t.throws(() => tableUnder(page, 'Three'), /no heading "Three"/)
  t.throws(() => tableUnder('# A\n\ntext\n\n# B\n\n| x |\n| --- |\n| y |\n', 'A'), /no table/)
})

test('links and anchors are those of the text, not of examples', async (t) => {
  t.same(linksIn(page), ['other.md#two-things'])
  t.same(codeBlocksIn(page, 'md'), ['[nor](this.md)\n'])
  t.same(codeBlocksIn(page, 'yaml'), [])
  t.same([...anchorsIn(page)], ['page', 'one-thing', 'two-things-and-a-half'])
})

test('failure codes are found wherever they are made', async (t) => {
  const text = `throw new Failure({ code: 'one', message })
    failure('two', 'text')
    const code = isOdd ? 'three' : 'four'
    const other = { kind: 'none' }`
  t.same(failureCodesIn(text), ['one', 'two', 'three', 'four'])
  t.same(failureCodesIn("const error = { code: 'of-another-kind' }"), [])
})

test('exit codes are found wherever a command ends', async (t) => {
  const text = `
    return 1
    return isFine ? 2 : 3
    return wasStopped ? 4 : result.exitCode
    process.exit(5)
    process.exit(isFine ? 6 : 7)
    return complain(8, problems)
    return complain(isFar ? 9 : 10, problems)
    return { verdict: 'fail', exitCode: 11 }
  'redis-unreachable': 12,
  interrupted: 13,
    const width = Math.min(100, 80)
    return rows.slice(0, 20)`
  t.same(
    [...new Set(exitCodesIn(text))].sort((a, b) => Number(a) - Number(b)),
    ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13'],
  )
})

test('keys are found at every depth, with their defaults', async (t) => {
  const item = { properties: { name: {}, cost: { default: 1 } }, required: ['name'] }
  const schema = {
    properties: { port: { default: 0 }, tls: { properties: { key: {} } }, rows: { items: item } },
  }
  t.same(keysOf(schema), [
    'port = 0',
    'tls.key = none',
    'rows[].name = required',
    'rows[].cost = 1',
  ])
})

test('a setting is said with its default, or that it must be given', async (t) => {
  t.equal(settingText('a', { default: 'text', isRequired: false }), 'a = text')
  t.equal(settingText('a', { default: false, isRequired: false }), 'a = false')
  t.equal(settingText('a', { isRequired: true }), 'a = required')
  t.equal(settingText('a', { isRequired: false }), 'a = none')
})
