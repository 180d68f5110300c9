import { test } from 'tap'
import { AnswerReader } from './answer-reader.ts'

const lines = (...parts: string[]): string => parts.join('\r\n')

/** Reads `text` in pieces of `size` bytes; the closing of the other side when it is not over. */
function readIn(size: number, text: string) {
  const reader = new AnswerReader()
  reader.begin()
  const bytes = Buffer.from(text, 'latin1')
  // As on a socket, every piece lies at the start of a buffer whose rest is something older.
  const shared = Buffer.alloc(bytes.length + 64, '\r\n\r\nolder')
  let state: string = 'more'
  for (let at = 0; at < bytes.length && state === 'more'; at += size) {
    const length = bytes.copy(shared, 0, at, Math.min(bytes.length, at + size))
    state = reader.read(shared, length)
  }
  if (state === 'more') state = `${reader.closed()} at the close`
  const { status, text: body, isKept, fields } = reader
  return state.startsWith('whole') ? { state, status, body, isKept, fields } : { state }
}

const html = 'content-type: text/html'
const rows: readonly { readonly why: string; readonly text: string; readonly expect: object }[] = [
  {
    why: 'a length',
    text: lines('HTTP/1.1 200 OK', html, 'Content-Length: 5', '', 'hello'),
    expect: { state: 'whole', status: 200, body: 'hello', isKept: true },
  },
  {
    why: 'no body',
    text: lines('HTTP/1.1 303 See Other', 'location: /x', 'content-length: 0', '', ''),
    expect: { state: 'whole', status: 303, body: '', fields: { location: '/x' } },
  },
  {
    why: 'neither phrase nor space before values',
    text: lines('HTTP/1.1 200', 'content-length:2', html, '', 'ab'),
    expect: { state: 'whole', body: 'ab' },
  },
  {
    why: 'a picture is counted and not kept',
    text: lines('HTTP/1.1 200 OK', 'content-type: image/png', 'content-length: 3', '', 'abc'),
    expect: { state: 'whole', body: '' },
  },
  {
    why: 'cookies each by itself',
    text: lines('HTTP/1.1 204 No Content', 'set-cookie: a=1', 'Set-Cookie: b=2', '', ''),
    expect: { state: 'whole', status: 204, fields: { 'set-cookie': ['a=1', 'b=2'] } },
  },
  {
    why: 'RFC 9112 §6.3: chunks win over a length',
    text: lines(
      'HTTP/1.1 200 OK',
      html,
      'content-length: 9',
      'transfer-encoding: chunked',
      '',
      '3;name=value',
      'abc',
      '0A',
      '0123456789',
      '0',
      'trailer: passed over',
      '',
      '',
    ),
    expect: { state: 'whole', body: 'abc0123456789', isKept: true },
  },
  {
    why: 'RFC 9110 §15.2: interim answers are not the answer',
    text: lines(
      'HTTP/1.1 103 Early Hints',
      'link: </a>',
      '',
      'HTTP/1.1 200 OK',
      html,
      'content-length: 1',
      '',
      'x',
    ),
    expect: { state: 'whole', status: 200, body: 'x' },
  },
  {
    why: 'a server that closes',
    text: lines('HTTP/1.1 200 OK', 'connection: close', html, 'content-length: 1', '', 'x'),
    expect: { state: 'whole', isKept: false },
  },
  {
    why: 'HTTP/1.0 keeps nothing',
    text: lines('HTTP/1.0 200 OK', 'content-length: 0', '', ''),
    expect: { state: 'whole', isKept: false },
  },
  {
    why: 'the close ends an answer without a length',
    text: lines('HTTP/1.1 200 OK', html, '', 'until the end'),
    expect: { state: 'whole at the close', body: 'until the end', isKept: false },
  },
  {
    why: 'a field may have any name',
    text: lines('HTTP/1.1 200 OK', '__proto__: x', 'constructor: y', 'content-length: 0', '', ''),
    expect: { state: 'whole', fields: { constructor: 'y' } },
  },
  {
    why: 'cut short',
    text: lines('HTTP/1.1 200 OK', 'content-length: 5', '', 'hell'),
    expect: { state: 'malformed at the close' },
  },
  {
    why: 'a chunk cut short',
    text: lines('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', '5', 'hell'),
    expect: { state: 'malformed at the close' },
  },
  { why: 'no HTTP', text: '220 mail.example ESMTP\r\n\r\n', expect: { state: 'malformed' } },
  {
    why: 'a length that is none',
    text: lines('HTTP/1.1 200 OK', 'content-length: 5x', '', 'hello'),
    expect: { state: 'malformed' },
  },
  {
    why: 'two lengths',
    text: lines('HTTP/1.1 200 OK', 'content-length: 1', 'content-length: 2', '', 'hello'),
    expect: { state: 'malformed' },
  },
  {
    why: 'a chunk without a size',
    text: lines('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', 'xyz', ''),
    expect: { state: 'malformed' },
  },
  {
    why: 'a protocol nobody asked for',
    text: lines('HTTP/1.1 101 Switching Protocols', 'upgrade: h2c', '', ''),
    expect: { state: 'malformed' },
  },
  {
    why: 'a head without an end',
    text: `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`,
    expect: { state: 'malformed' },
  },
]

test('an answer is the same in one piece as byte by byte', async (t) => {
  for (const { why, text, expect } of rows) {
    const whole = readIn(text.length, text)
    t.match(whole, expect, why)
    // A long head would take a while byte by byte.
    for (const size of text.length > 1_000 ? [999] : [1, 2, 3, 7, 16]) {
      t.same(readIn(size, text), whole, `${why}, ${size} bytes at a time`)
    }
  }
})

test('bytes after an answer end the connection, and are no part of the next one', async (t) => {
  const reader = new AnswerReader()
  reader.begin()
  const text = lines('HTTP/1.1 200 OK', html, 'content-length: 2', '', 'abcHTTP/1.1')
  t.equal(reader.read(Buffer.from(text), text.length), 'whole')
  t.match(reader, { text: 'ab', isKept: false })
})

test('a connection carries one answer after another', async (t) => {
  const reader = new AnswerReader()
  for (const body of ['one', 'two', '']) {
    reader.begin()
    const text = lines('HTTP/1.1 200 OK', html, `content-length: ${body.length}`, '', body)
    t.equal(reader.read(Buffer.from(text), text.length), 'whole')
    t.match(reader, { text: body, isKept: true })
  }
})
