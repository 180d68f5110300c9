import { test } from 'tap'
import { OwnPages } from './own-pages-store.ts'
import { sampleEntry } from './store-contract.ts'

const shared = { bytes: 0 }

test('a page comes back to its own session, whole', async (t) => {
  const pages = new OwnPages(100_000)
  const entry = sampleEntry('/home', 2000)
  pages.shelf('a', shared).set('name', entry)
  t.same(pages.shelf('a', shared).get('name'), { ...entry, body: Buffer.from(entry.body) })
})

test('another session’s page is a miss, also under the same name', async (t) => {
  const pages = new OwnPages(100_000)
  pages.shelf('a', shared).set('name', sampleEntry('/home'))
  t.equal(pages.shelf('b', shared).get('name'), undefined)
  t.ok(pages.shelf('a', shared).get('name'), 'and it is still its owner’s')
})

test('a page is read under its own name alone', async (t) => {
  const pages = new OwnPages(100_000)
  pages.shelf('a', shared).set('name', sampleEntry('/home'))
  t.equal(pages.shelf('a', shared).get('other name'), undefined)
})

test('memory is bounded, and none keeps none', async (t) => {
  const pages = new OwnPages(10_000)
  const shelf = pages.shelf('a', shared)
  for (let number = 0; number < 100; number += 1) shelf.set(`n${number}`, sampleEntry('/home', 500))
  const kept = Array.from({ length: 100 }, (_, number) => shelf.get(`n${number}`)).filter(Boolean)
  t.ok(kept.length > 2 && kept.length < 20, `${kept.length} of 100`)
  const none = new OwnPages(0).shelf('a', shared)
  none.set('name', sampleEntry('/home'))
  t.equal(none.get('name'), undefined)
})

test('a purge ends them all: which it means is under seal', async (t) => {
  const pages = new OwnPages(100_000)
  pages.shelf('a', shared).set('name', sampleEntry('/home'))
  pages.clear()
  t.equal(pages.shelf('a', shared).get('name'), undefined)
})
