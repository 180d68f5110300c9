import { test } from 'tap'
import type { BodySink, BodySource } from '../exchange.ts'
import { Crowd } from './flight.ts'
import { type Collected, SharedBody } from './shared-body.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function rig(maxBytes = 10) {
  let sink: BodySink | undefined
  const seen = { resumed: 0, cancelled: 0, isWanted: false }
  const collected: Collected[] = []
  const source: BodySource = {
    start: (given) => {
      sink = given
      given.flow({
        resume: () => {
          seen.resumed += 1
        },
        cancel: () => {
          seen.cancelled += 1
        },
      })
    },
    cancel: () => undefined,
  }
  const body = new SharedBody({
    source,
    maxBytes,
    presence: new Crowd(),
    isWanted: () => seen.isWanted,
    onCollected: (one) => collected.push(one),
  })
  if (!sink) throw new Error('the source is started at once')
  return { sink, seen, collected, body }
}

function slowReader() {
  const got: string[] = []
  const flow = { resume: (): void => undefined, cancel: (): void => undefined }
  const sink: BodySink = {
    flow: (handle) => Object.assign(flow, handle),
    write: (chunk) => {
      got.push(new TextDecoder().decode(chunk))
      return false
    },
    end: () => got.push('end'),
    fail: ({ message }) => got.push(message),
  }
  return { got, flow, sink }
}

test('a slow reader does not slow the collection, and gets everything', async (t) => {
  const { sink, body, collected } = rig()
  const reader = slowReader()
  body.start(reader.sink)
  for (const part of ['a', 'b', 'c']) t.ok(sink.write(bytes(part)), 'the source may go on')
  sink.end()
  t.strictSame(collected, [{ kind: 'whole', body: bytes('abc') }])
  t.strictSame(reader.got, ['a'])
  reader.flow.resume()
  reader.flow.resume()
  t.strictSame(reader.got, ['a', 'b', 'c', 'end'])
})

test('a reader who starts late gets everything', async (t) => {
  const { sink, body } = rig()
  sink.write(bytes('abc'))
  sink.end()
  const reader = slowReader()
  body.start(reader.sink)
  t.strictSame(reader.got, ['abc', 'end'])
})

test('past the limit nothing is kept and the source goes at its reader’s pace', async (t) => {
  const { sink, seen, body, collected } = rig(4)
  const reader = slowReader()
  body.start(reader.sink)
  t.ok(sink.write(bytes('abcd')))
  t.notOk(sink.write(bytes('e')), 'the reader is full')
  t.strictSame(collected, [{ kind: 'too-large' }])
  reader.flow.resume()
  t.strictSame(reader.got, ['abcd', 'e'])
  t.equal(seen.resumed, 0, 'the reader is full again')
  reader.flow.resume()
  t.equal(seen.resumed, 1)
  sink.end()
  t.strictSame(reader.got, ['abcd', 'e', 'end'])
  t.equal(collected.length, 1)
})

test('a broken body is not whole for the reader either', async (t) => {
  const { sink, body, collected } = rig()
  const reader = slowReader()
  body.start(reader.sink)
  sink.write(bytes('a'))
  sink.write(bytes('b'))
  sink.fail(new Error('cut'))
  t.strictSame(collected, [{ kind: 'cut' }])
  t.strictSame(reader.got, ['a', 'cut'])
})

test('a reader who leaves ends the source unless somebody waits for the whole', async (t) => {
  const alone = rig()
  alone.sink.write(bytes('a'))
  alone.body.cancel()
  t.equal(alone.seen.cancelled, 1)
  t.strictSame(alone.collected, [{ kind: 'cut' }])

  const wanted = rig()
  wanted.seen.isWanted = true
  wanted.sink.write(bytes('a'))
  wanted.body.cancel()
  t.equal(wanted.seen.cancelled, 0)
  wanted.sink.write(bytes('b'))
  wanted.sink.end()
  t.strictSame(wanted.collected, [{ kind: 'whole', body: bytes('ab') }])
})

test('a body nobody reads ends at the limit', async (t) => {
  const { sink, seen, body, collected } = rig(1)
  seen.isWanted = true
  body.cancel()
  sink.write(bytes('ab'))
  t.equal(seen.cancelled, 1)
  t.strictSame(collected, [{ kind: 'too-large' }])
})
