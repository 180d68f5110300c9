import { test } from 'tap'
import { filesMatching, textOf } from './sources.ts'
import { forbiddenWordsIn } from './words.ts'

/** Texts by their names; these two files name what they forbid. */
const texts = filesMatching('**', '**/.*', '**/.*/**').filter(
  (file) =>
    /\.(?:ts|js|json|jsonc|md|ya?ml|sh|html|css|svg)$|(?:^|\/)\.?[^.]+$/.test(file) &&
    !/^test\/repository\/words\.(?:test\.)?ts$/.test(file),
)

test('no file holds what belongs to one machine or to one person', async (t) => {
  const found = texts.flatMap((file) =>
    forbiddenWordsIn(textOf(file)).map((problem) => `${file}:${problem}`),
  )
  t.same(found, [])
  for (const file of ['package-lock.json', 'bin/ecluse', '.ci/run', '.npmrc']) {
    t.ok(texts.includes(file), `${file} was read`)
  }
})

const rows: { text: string; isFine: boolean }[] = [
  { text: 'see /root/x.ts', isFine: false },
  { text: 'file:///home/someone/x', isFine: false },
  { text: '"C:\\Users\\someone"', isFine: false },
  { text: 'cat >/tmp/x', isFine: false },
  { text: ['as ..', 'shared', 'notes.md says'].join('/'), isFine: false },
  { text: ['https://registry', 'npmjs', 'org/x'].join('.'), isFine: false },
  { text: '-----BEGIN PRIVATE KEY-----', isFine: false },
  { text: '/portal/home is where people land', isFine: true },
  { text: 'import { Registry } from "prom-client"', isFine: true },
  { text: '/api/home/files', isFine: true },
  { text: './shared-body.ts', isFine: true },
  { text: '', isFine: true },
]

for (const { text, isFine } of rows) {
  test(`"${text}" ${isFine ? 'may' : 'may not'} stand in a file`, async (t) => {
    t.equal(forbiddenWordsIn(text).length === 0, isFine)
  })
}

test('a forbidden place is shown with its line', async (t) => {
  t.match(forbiddenWordsIn('fine\nx: /tmp/y'), [/^2: .*machine/])
})
