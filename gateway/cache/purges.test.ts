import { test } from 'tap'
import { MemoryStore } from './memory-store.ts'
import { heldAnswer, originAnswer, settled, StageBench } from './stage-fixture.ts'

const bench = () => new StageBench(new MemoryStore(1_000_000))
const inGroup = (names: string) => originAnswer('news', { 'Cache-Groups': names })

test('an answer to an unsafe request purges the groups it names, RFC 9875 §3', async (t) => {
  const b = bench()
  b.respond = ({ request, routing }) =>
    request.method === 'POST'
      ? originAnswer('saved', { 'Cache-Group-Invalidation': '"news"' })
      : inGroup(routing.path === '/news' ? '"news"' : '"menus"')
  await b.ask({ path: '/news' })
  await b.ask({ path: '/menus' })
  await b.ask({ path: '/save', method: 'POST' })
  t.match((await b.ask({ path: '/news' })).status, /^fwd=uri-miss/)
  t.match((await b.ask({ path: '/menus' })).status, /^hit/, 'the other group is untouched')
})

test('a safe request purges nothing, whatever its answer says, RFC 9875 §3', async (t) => {
  const b = bench()
  b.respond = () => inGroup('"news"')
  await b.ask({ path: '/news' })
  b.respond = () => originAnswer('other', { 'Cache-Group-Invalidation': '"news"' })
  await b.ask({ path: '/other' })
  t.match((await b.ask({ path: '/news' })).status, /^hit/)
})

test('an answer fetched while its group was purged is given and not stored', async (t) => {
  const b = bench()
  const held = heldAnswer()
  b.respond = ({ request }) =>
    request.method === 'POST'
      ? originAnswer('saved', { 'Cache-Group-Invalidation': '"news"' })
      : held.promise
  const asked = b.ask({ path: '/news' })
  await settled()
  await b.ask({ path: '/save', method: 'POST' })
  held.give(inGroup('"news"'))
  t.equal((await asked).text, 'news')
  b.respond = () => inGroup('"news"')
  t.match((await b.ask({ path: '/news' })).status, /^fwd=uri-miss/)
})
