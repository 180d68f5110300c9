import { test } from 'tap'
import type { MonotonicMs } from '../../core/clock.ts'
import { answerText, PreparedAnswer } from './prepared-answer.ts'

const connection = 'Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n'
const given = [
  'content-type: text/css',
  'date: Mon, 16 Mar 2020 08:00:00 GMT',
  'X-Latin: été',
  'Content-Length: 2',
  'Age: 8',
  'Cache-Status: ecluse; hit; ttl=92',
].flatMap((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)])
const expected = (age: number, ttl: number): string =>
  'HTTP/1.1 200 OK\r\ncontent-type: text/css\r\ndate: Mon, 16 Mar 2020 08:00:00 GMT\r\n' +
  `X-Latin: été\r\nContent-Length: 2\r\nAge: ${age}\r\nCache-Status: ecluse; hit; ttl=${ttl}\r\n` +
  `${connection}\r\nhi`

function prepare(): PreparedAnswer {
  const text = answerText(given, connection)
  if (text === null) throw new Error('expected a form that the lane knows')
  const at = (ms: number): MonotonicMs => ms as MonotonicMs
  const body = new TextEncoder().encode('hi')
  const answer = { body, bornAtMs: at(0), freshUntilMs: at(100_000), isCurrent: () => true }
  return new PreparedAnswer(text, answer, (bytes) => new Uint8Array(bytes))
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

test('a prepared answer is byte for byte what was given, with the age of now', async (t) => {
  const prepared = prepare()
  // Age 9 to 10 and ttl 10 to 9 change the length; the clock may also stand still or go back.
  for (const nowMs of [8_000, 8_500, 9_000, 10_000, 10_000, 90_001, 91_000, 99_999, 8_000]) {
    const expect = expected(Math.floor(nowMs / 1_000), Math.floor((100_000 - nowMs) / 1_000))
    t.equal(textOf(prepared.bytesAt(nowMs as MonotonicMs)), expect, `at ${nowMs} ms`)
  }
})

test('bytes on their way to somebody slow are never changed', async (t) => {
  const prepared = prepare()
  const slow = prepared.bytesAt(20_000 as MonotonicMs)
  const before = textOf(slow)
  prepared.release()
  t.not(prepared.bytesAt(21_000 as MonotonicMs), slow)
  t.equal(textOf(slow), before)
  // Without the release they would have been.
  const shared = prepared.bytesAt(22_000 as MonotonicMs)
  t.equal(prepared.bytesAt(23_000 as MonotonicMs), shared)
})

test('a large body is not copied: the store and the lane share its bytes', async (t) => {
  const text = answerText(given, connection)
  if (text === null) throw new Error('expected a form that the lane knows')
  const at = (ms: number): MonotonicMs => ms as MonotonicMs
  const prepare = (bytes: number): PreparedAnswer => {
    const body = new Uint8Array(bytes)
    const answer = { body, bornAtMs: at(0), freshUntilMs: at(100_000), isCurrent: () => true }
    return new PreparedAnswer(text, answer, (size) => new Uint8Array(size))
  }
  const [small, large] = [prepare(8_192), prepare(8_193)]
  t.equal(small.rest, null)
  t.equal(large.rest?.byteLength, 8_193)
  const headBytes = large.bytesAt(at(8_000)).byteLength
  t.equal(small.bytesAt(at(8_000)).byteLength, headBytes + 8_192)
  t.ok(large.size < 2_000 && small.size > 8_192, 'what counts is what is copied')
})

test('an answer of any other form stays with the pipeline', async (t) => {
  const without = (name: string): string[] => {
    const at = given.indexOf(name)
    return given.toSpliced(at, 2)
  }
  const rows = [
    { lines: without('Age'), why: 'no age' },
    { lines: without('date'), why: 'Node would add its own date' },
    { lines: without('Content-Length'), why: 'Node would frame it in chunks' },
    { lines: without('Cache-Status'), why: 'no cache status' },
    { lines: [...given, 'Age', '8'], why: 'two ages' },
    { lines: [...given, 'Date', 'x'], why: 'two dates' },
    { lines: [...given, 'connection', 'close'], why: 'the last of its connection' },
    { lines: [...given, 'Trailer', 'x'], why: 'trailers' },
    {
      lines: given.with(given.length - 1, 'ecluse; hit; ttl=92; detail=x'),
      why: 'a status with more to say',
    },
    { lines: given.with(given.length - 1, 'ecluse; fwd=miss'), why: 'no hit' },
    { lines: given.with(given.indexOf('8'), '08x'), why: 'no number' },
  ]
  for (const { lines, why } of rows) t.equal(answerText(lines, connection), null, why)
})
