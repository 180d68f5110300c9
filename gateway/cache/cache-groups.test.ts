import { test } from 'tap'
import { groupNames } from './cache-groups.ts'

test('the names of cache groups are read as RFC 9875 §2 and RFC 9651 §3.1 say, or not at all', async (t) => {
  const long = 'x'.repeat(128)
  const rows: [string | undefined, readonly string[] | null][] = [
    [undefined, []],
    ['', []],
    ['  ', []],
    ['"news"', ['news']],
    ['"news", "home"', ['news', 'home']],
    ['  "news"\t,"home"  ', ['news', 'home']],
    ['"news","news"', ['news']],
    ['"a \\"quoted\\" \\\\ name"', ['a "quoted" \\ name']],
    ['"news";a=1;b="x,\\"y";c, "home"', ['news', 'home']],
    ['""', ['']],
    [`"${long}"`, [long]],
    [`"${long}x"`, null],
    ['news', null],
    ['"news', null],
    ['"news" "home"', null],
    ['"news",', null],
    [',"news"', null],
    ['"news",,"home"', null],
    ['"é"', null],
    ['"a\\b"', null],
    ['1, "news"', null],
    ['("news")', null],
    [
      Array.from({ length: 128 }, (_, i) => `"g${i}"`).join(),
      Array.from({ length: 128 }, (_, i) => `g${i}`),
    ],
    [Array.from({ length: 129 }, (_, i) => `"g${i}"`).join(), null],
  ]
  for (const [text, expect] of rows) {
    t.strictSame(groupNames(text), expect, text?.slice(0, 60) ?? 'absent')
  }
})

test('a long malformed field is refused in time', async (t) => {
  t.equal(groupNames(`"a"${';a'.repeat(30_000)}!`), null)
  t.equal(groupNames(`"a"${';a="'.repeat(30_001)}`), null)
})
