import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import type { Asking } from '../crowd.ts'
import { RealPortal, RealTimeline } from './crowd-client.ts'
import {
  goodputRatio,
  p99Ms,
  recoverySeconds,
  type Seen,
  servedRatio,
  turnedAway,
} from './observed.ts'
import { realKinds } from './requests.ts'

const [save] = realKinds
const one = (changes: Partial<Seen>): Seen => ({
  kind: save as Seen['kind'],
  attempt: 1,
  askedAtMs: 0,
  tookMs: 100,
  end: 'served',
  ...changes,
})

test('only answers that came in time to somebody who waited are goodput', async (t) => {
  const stretch = { fromMs: 0, toMs: 1_000 }
  // A hand-in takes 120 ms of one slot; of two slots in a second there are 2,000 ms.
  const rows: [string, Partial<Seen>, number][] = [
    ['in time', {}, 0.06],
    ['at its deadline', { askedAtMs: -4_500, tookMs: 5_000 }, 0.06],
    ['late', { askedAtMs: -4_501, tookMs: 5_001 }, 0],
    ['after the stretch', { askedAtMs: 900 }, 0],
    ['turned away', { end: 'turned-away' }, 0],
    ['an error', { end: 'failed' }, 0],
    ['nobody waits', { end: 'left' }, 0],
  ]
  for (const [phrase, changes, expect] of rows)
    t.equal(goodputRatio([one(changes)], stretch, 2), expect, phrase)
})

test('times, shares and refusals are those of who asked in the stretch', async (t) => {
  const stretch = { fromMs: 1_000, toMs: 2_000 }
  const seen = Array.from({ length: 100 }, (_, i) => one({ askedAtMs: 1_000, tookMs: i + 1 }))
  t.equal(p99Ms(seen, stretch, 'served'), 99)
  t.equal(p99Ms(seen, stretch, 'turned-away'), null, 'nobody was')
  t.equal(servedRatio(seen, stretch, 0), 1)
  t.equal(servedRatio(seen, stretch, 1), null)
  const again = one({ askedAtMs: 1_000, attempt: 2, end: 'turned-away' })
  t.equal(servedRatio([...seen, again], stretch, 0), 1, 'a reload weighs nothing')
  t.equal(turnedAway([...seen, again, { ...again, askedAtMs: 2_000 }], stretch), 1)
})

test('it has recovered when three seconds in a row are good, and not before', async (t) => {
  const play = (good: string) =>
    recoverySeconds(
      Array.from(good, (mark, i) =>
        one({ askedAtMs: i * 1_000, end: mark === '+' ? 'served' : 'failed' }),
      ),
      { fromMs: 0, toMs: good.length * 1_000 },
    )
  t.equal(play('+++'), 0)
  t.equal(play('-++-+++'), 4)
  t.equal(play('-++-++'), 6, 'never: it took at least so long')
})

test('the crowd meets what a server does: answers, refusals, breaks and waits', async (t) => {
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    if (path.startsWith('/api/me/counters')) response.writeHead(503, { 'retry-after': '7' }).end()
    else if (path.startsWith('/api/me/feed')) request.socket.destroy()
    else if (path.startsWith('/api/me/messages')) return
    else response.end('ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const timeline = new RealTimeline()
  const visitors = [{ cookie: 'PORTALSESSION=1', formToken: 'f' }]
  const portal = new RealPortal({ timeline, visitors, ports: [port] })
  t.teardown(() => {
    portal.close()
    server.close()
    server.closeAllConnections()
  })
  const kindOf = (name: string) => realKinds.find((kind) => kind.name === name) as Asking['kind']
  const ask = (name: string): Promise<string> =>
    new Promise((resolve) => {
      const asking: Asking = {
        kind: kindOf(name),
        school: 's',
        user: '0',
        attempt: 1,
        askedAtMs: 0,
        hasLeft: false,
      }
      portal.ask(asking, {
        answered: () => resolve('answered'),
        refused: (comeBackMs) => resolve(`refused for ${comeBackMs} ms`),
      })
      if (name !== 'strict-list') return
      portal.leave(asking)
      resolve('left')
    })
  t.equal(await ask('hand-in'), 'answered')
  t.equal(await ask('counters'), 'refused for 7000 ms')
  t.equal(await ask('feed'), 'refused for 1000 ms')
  t.equal(await ask('strict-list'), 'left')
  t.same(
    portal.seen.map(({ end }) => end),
    ['served', 'turned-away', 'failed', 'left'],
  )
})
