import { test } from 'tap'
import type { MonotonicMs } from '../../core/clock.ts'
import { type PurgeTag, resourceTag, restrictedTag, schoolTag } from './purge-tags.ts'
import { type PurgeReply, PurgeView, type StreamedPurge } from './purge-view.ts'

const news = resourceTag('https://ent.example/news')
const menus = resourceTag('https://ent.example/menus')
const at = (ms: number) => ms as MonotonicMs

function purge(number: number, tags: readonly PurgeTag[] | null, by = 'other'): StreamedPurge {
  return { number, by, tags }
}

function reply(purges: readonly StreamedPurge[], changes: Partial<PurgeReply> = {}): PurgeReply {
  return { epoch: 'e1', first: 1, last: purges.at(-1)?.number ?? 0, purges, ...changes }
}

test('purges of others are dropped here; one’s own were dropped when they were made', async (t) => {
  const view = new PurgeView('self')
  view.take(reply([]), at(0))
  t.strictSame(view.take(reply([purge(1, [news]), purge(2, [menus], 'self')]), at(1)), [news])
  t.strictSame(view.position, { epoch: 'e1', number: 2 })
  t.strictSame(view.take(reply([], { last: 2 }), at(2)), [])
})

test('the first look, another epoch and a gap drop what is not public', async (t) => {
  const view = new PurgeView('self')
  t.strictSame(view.take(reply([]), at(0)), [restrictedTag], 'the first look')
  t.strictSame(view.take(reply([purge(1, [news])]), at(1)), [news])
  t.strictSame(
    view.take(reply([], { epoch: 'e2', last: 1 }), at(2)),
    [restrictedTag],
    'another epoch',
  )
  view.take(reply([purge(1, [news]), purge(2, [menus])], { epoch: 'e2' }), at(3))
  const late = reply([purge(9, [menus])], { epoch: 'e2', first: 9 })
  t.strictSame(view.take(late, at(4)), [restrictedTag, menus], 'some are kept no more')
  t.strictSame(view.take(reply([purge(10, null)], { epoch: 'e2' }), at(5)), [restrictedTag])
})

test('nobody is blind who read less than 5 s ago, and who has not read everything is', async (t) => {
  const view = new PurgeView('self')
  t.ok(view.isBlind(at(0)), 'before the first look')
  view.take(reply([]), at(1000))
  t.notOk(view.isBlind(at(1000)))
  t.notOk(view.isBlind(at(6000)))
  t.ok(view.isBlind(at(6001)))
  view.take(reply([purge(1, [news])], { last: 5 }), at(6002))
  t.ok(view.isBlind(at(6003)), 'more is waiting')
  view.take(reply([purge(5, [news])]), at(6004))
  t.notOk(view.isBlind(at(6005)))
})

test('a record is used only when it is certain that nothing purged it since', async (t) => {
  const view = new PurgeView('self')
  t.notOk(view.isUnpurged({ epoch: '', number: 0 }, [news]) && !view.isBlind(at(0)))
  view.take(reply([purge(4, [news]), purge(5, [menus])], { first: 4 }), at(0))
  const since = (number: number, epoch = 'e1') => ({ epoch, number })
  const rows: [string, ReturnType<typeof since>, readonly PurgeTag[], boolean][] = [
    ['made before its purge', since(3), [news], false],
    ['made after it', since(4), [news], true],
    ['one of its tags was purged', since(4), [news, menus], false],
    ['never purged', since(3), [schoolTag('s1')], true],
    ['older than what is remembered', since(2), [schoolTag('s1')], false],
    ['of another epoch', since(9, 'e0'), [schoolTag('s1')], false],
    ['from one who has read further', since(9), [news], true],
  ]
  for (const [what, position, tags, expect] of rows)
    t.equal(view.isUnpurged(position, tags), expect, what)
  view.take(reply([purge(6, null)]), at(1))
  t.notOk(view.isUnpurged(since(5), [schoolTag('s1')]), 'a purge that could not be read')
})

test('one’s own purge moves one on when nothing came in between', async (t) => {
  const view = new PurgeView('self')
  view.take(reply([]), at(0))
  view.noteOwn({ epoch: 'e1', number: 1 }, [news])
  t.strictSame(view.position, { epoch: 'e1', number: 1 })
  t.notOk(view.isUnpurged({ epoch: 'e1', number: 0 }, [news]))
  view.noteOwn({ epoch: 'e1', number: 3 }, [menus])
  t.strictSame(view.position, { epoch: 'e1', number: 1 }, 'number 2 is somebody else’s')
  view.noteOwn({ epoch: 'e0', number: 2 }, [menus])
  t.strictSame(view.position, { epoch: 'e1', number: 1 }, 'of a stream that is gone')
})

test('what it remembers is bounded; past it, older records are not used', async (t) => {
  const view = new PurgeView('self')
  view.take(reply([]), at(0))
  const many = Array.from({ length: 50_001 }, (_, i) => purge(i + 1, [schoolTag(`s${i}`)]))
  view.take(reply(many), at(1))
  t.notOk(view.isUnpurged({ epoch: 'e1', number: 0 }, [news]))
  t.ok(view.isUnpurged({ epoch: 'e1', number: 1 }, [news]))
})
