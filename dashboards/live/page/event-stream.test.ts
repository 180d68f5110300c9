import { test } from 'tap'
import { eventReader } from './event-stream.ts'

test('events come out whole however the text is cut', async (t) => {
  const text = 'event: row\ndata: {"a":1}\n\nevent: state\ndata: [2]\n\nevent: end\ndata: 3\n\n'
  const whole = eventReader()(text)
  t.same(whole, [
    { name: 'row', data: { a: 1 } },
    { name: 'state', data: [2] },
    { name: 'end', data: 3 },
  ])
  for (let size = 1; size < 20; size += 1) {
    const read = eventReader()
    const events = []
    for (let at = 0; at < text.length; at += size) events.push(...read(text.slice(at, at + size)))
    t.same(events, whole, `in pieces of ${size}`)
  }
})

test('what has not ended is not given, and never kept without end', async (t) => {
  const read = eventReader()
  t.same(read('event: row\ndata: 1\n'), [])
  t.same(read('\n'), [{ name: 'row', data: 1 }])
  t.throws(() => {
    for (let i = 0; i < 100; i += 1) read('x'.repeat(100_000))
  }, /does not end/)
})
