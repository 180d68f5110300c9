import { test } from 'tap'
import { LiveFeed, type Viewer } from './live-feed.ts'

interface Watching extends Viewer {
  readonly events: { name: string; data: unknown }[]
  isEnded: boolean
  unsent: number
}

function viewer(): Watching {
  const events: Watching['events'] = []
  const one: Watching = {
    events,
    isEnded: false,
    unsent: 0,
    write(text) {
      const [, name = '', data = ''] = /^event: (\w+)\ndata: (.*)\n\n$/.exec(text) ?? []
      events.push({ name, data: JSON.parse(data) })
    },
    unsentBytes: () => one.unsent,
    end: () => void (one.isEnded = true),
  }
  return one
}

const facts = { kind: 'edge', figures: ['n'], arms: ['edge'] } as const

test('who comes late sees what was, then what happens', async (t) => {
  const feed = new LiveFeed(facts)
  feed.row('edge', 1_000, { n: 1 })
  feed.put({ version: 1 })
  feed.note({ did: 'a' })
  const late = viewer()
  t.ok(feed.join(late, { may: 'view' }))
  feed.row('edge', 2_000, { n: 2 })
  feed.row('nobody', 2_000, { n: 3 })
  feed.put({ version: 1 })
  feed.put({ version: 2 })
  feed.note({ did: 'b' })
  t.same(late.events, [
    { name: 'hello', data: { feed: 1, ...facts, you: { may: 'view' } } },
    { name: 'past', data: { arm: 'edge', rows: [[1_000, 1]] } },
    { name: 'state', data: { version: 1 } },
    { name: 'notes', data: [{ did: 'a' }] },
    { name: 'row', data: { arm: 'edge', row: [2_000, 2] } },
    { name: 'state', data: { version: 2 } },
    { name: 'notes', data: [{ did: 'b' }] },
  ])
})

test('somebody who does not read is let go, and the others see on', async (t) => {
  const feed = new LiveFeed(facts)
  const [slow, quick] = [viewer(), viewer()]
  feed.join(slow, {})
  feed.join(quick, {})
  slow.unsent = 2_000_001
  feed.row('edge', 1, { n: 1 })
  t.ok(slow.isEnded)
  t.equal(quick.events.at(-1)?.name, 'row')
  feed.leave(quick)
  feed.row('edge', 2, { n: 2 })
  t.equal(quick.events.filter(({ name }) => name === 'row').length, 1)
})

test('an hour, a hundred notes and fifty viewers are the most there is', async (t) => {
  const feed = new LiveFeed(facts)
  for (let n = 0; n < 5_000; n += 1) {
    feed.row('edge', n, { n })
    feed.note({ n })
  }
  const viewers = Array.from({ length: 51 }, viewer)
  const joined = viewers.filter((one) => feed.join(one, {}))
  t.equal(joined.length, 50)
  const [first] = viewers
  const past = first?.events.find(({ name }) => name === 'past')?.data as { rows: number[][] }
  t.equal(past.rows.length, 300 + 660, 'five minutes whole, the rest thinned')
  t.ok((past.rows[0]?.[0] ?? 0) >= 1_400)
  const notes = first?.events.find(({ name }) => name === 'notes')?.data
  t.equal(Array.isArray(notes) && notes.length, 100)
  feed.close()
  t.ok(joined.every(({ isEnded }) => isEnded))
})
