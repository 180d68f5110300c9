import { test } from 'tap'
import type { BodySource } from '../exchange.ts'
import { MemoryStore } from './memory-store.ts'
import { type Ask, originAnswer, StageBench } from './stage-fixture.ts'

/** A 304 as it comes through the gate: its slot is free when its end was read. */
function confirmation(etag: string, onRead: () => void) {
  const body: BodySource = {
    start: (sink) => {
      sink.flow({ resume: () => undefined, cancel: () => undefined })
      onRead()
      sink.end()
    },
    cancel: onRead,
  }
  return { ...originAnswer('', { ETag: etag }, 304), body }
}

for (const [what, etag] of [
  ['confirms what is stored', '"a"'],
  ['is about something else', '"b"'],
] as const) {
  test(`a 304 that ${what} is read to its end, so that its slot is free again`, async (t) => {
    const b = new StageBench(new MemoryStore(100_000))
    let hasRead = false
    b.respond = ({ request }) =>
      request.headers['if-none-match'] === undefined || hasRead
        ? originAnswer('news', { ETag: '"a"' })
        : confirmation(etag, () => (hasRead = true))
    const ask: Ask = { rules: { staleWhileRevalidateSeconds: 0 } }
    await b.ask(ask)
    await b.advance(40_000)
    t.match(await b.ask(ask), { text: 'news' })
    t.ok(hasRead)
  })
}
