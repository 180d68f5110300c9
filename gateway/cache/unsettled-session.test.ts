import { test } from 'tap'
import { MemoryStore } from './memory-store.ts'
import { type Ask, heldAnswer, originAnswer, StageBench } from './stage-fixture.ts'

test('an answer fetched while its session changes is for nobody else', async (t) => {
  const page: Ask = { audience: 'school', session: 'x' }
  const other: Ask = { audience: 'school', session: 'y' }
  const rows: [string, (b: StageBench, page: () => Promise<unknown>) => Promise<unknown>][] = [
    [
      'while it is in flight',
      async (b, ask) => {
        const held = heldAnswer()
        b.respond = ({ request }) =>
          request.method === 'POST' ? held.promise : originAnswer('own')
        const change = b.ask({ ...page, path: '/switch', method: 'POST' })
        await ask()
        held.give(originAnswer(''))
        return change
      },
    ],
    [
      'begun before it and ended after it',
      async (b, ask) => {
        const held = heldAnswer()
        b.respond = ({ request }) => (request.method === 'POST' ? originAnswer('') : held.promise)
        const asked = ask()
        await b.ask({ ...page, path: '/switch', method: 'POST' })
        held.give(originAnswer('own'))
        return asked
      },
    ],
  ]
  for (const [when, run] of rows) {
    const b = new StageBench(new MemoryStore(100_000))
    await run(b, () => b.ask(page))
    b.respond = () => originAnswer('ours')
    t.equal((await b.ask(other)).text, 'ours', when)
    t.equal((await b.ask(page)).text, 'ours', `${when}: what came later is shared`)
  }
})
