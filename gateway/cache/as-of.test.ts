import { gzipSync } from 'node:zlib'
import { test } from 'tap'
import type { Answer } from '../exchange.ts'
import { withAsOf } from './as-of.ts'
import { decoded } from './own-pages-store.ts'

const date = 'Mon, 16 Mar 2020 07:55:00 GMT'

function answerWith(body: string | Uint8Array, headers: Record<string, string>): Answer {
  const lines = Object.entries({ Date: date, Age: '89', 'Content-Type': 'text/html', ...headers })
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  return {
    status: 200,
    headers: lines.flat(),
    body: bytes,
    outcome: { kind: 'served', from: 'stale' },
  }
}
const textOf = ({ body }: Answer): string => new TextDecoder().decode(body as Uint8Array)
const field = ({ headers }: Answer, name: string) => headers[headers.indexOf(name) + 1]

const rows: [string, string, RegExp][] = [
  ['after the body tag', '<html><body class="a">x', /^<html><body class="a"><p role="status"/],
  ['whatever its case', '<BODY>x', /^<BODY><p role="status"/],
  ['past what only begins like it', '<bodyguard><body>x', /^<bodyguard><body><p role/],
  ['first, where there is no tag', 'x', /^<p role="status".*<\/p>x$/],
  ['first, where the tag never ends', '<body x', /^<p role="status".*<\/p><body x$/],
  ['first, in nothing', '', /^<p role="status"/],
]
for (const [where, page, expected] of rows) {
  test(`the notice stands ${where}`, async (t) => {
    const given = withAsOf(answerWith(page, { ETag: '"a"', 'Content-Length': '9' }), decoded)
    t.match(textOf(given), expected)
    t.match(textOf(given), 'il y a 89 s')
    t.equal(field(given, 'Ecluse-As-Of'), date)
    t.notOk(given.headers.includes('ETag'), 'these are other bytes')
    t.equal(field(given, 'Content-Length'), String((given.body as Uint8Array).byteLength))
  })
}

test('a compressed page is opened for it', async (t) => {
  const given = withAsOf(answerWith(gzipSync('<body>x'), { 'Content-Encoding': 'gzip' }), decoded)
  t.match(textOf(given), /^<body><p role.*x$/)
  t.notOk(given.headers.includes('Content-Encoding'))
})

test('what is not to be transformed, or cannot be read, has the field alone', async (t) => {
  for (const headers of [
    { 'Cache-Control': 'no-transform' },
    { 'Content-Type': 'application/json' },
    { 'Content-Encoding': 'gzip' },
    { 'Content-Encoding': 'zstd' },
  ]) {
    const given = withAsOf(answerWith('<body>x', headers), decoded)
    t.equal(textOf(given), '<body>x', JSON.stringify(headers))
    t.equal(field(given, 'Ecluse-As-Of'), date)
  }
})
