import type { RequestListener } from 'node:http'
import { test } from 'tap'
import { ask } from '../../test/support/client.ts'
import { openTestEdge } from '../../test/support/edge.ts'
import { type Failed, retryAfterMs } from './retries.ts'

const failed: Failed = {
  code: 'origin-unreachable',
  method: 'GET',
  hasBody: false,
  attempt: 1,
  leftMs: 5_000,
}

test('only what cannot have changed anything is sent again, and only while there is time', async (t) => {
  const rows: [string, Partial<Failed>, number | null][] = [
    ['a connection that broke', {}, 25],
    ['the second time', { attempt: 2 }, 50],
    ['not a fourth attempt', { attempt: 3 }, null],
    ['HEAD', { method: 'HEAD' }, 25],
    ['a write', { method: 'POST' }, null],
    ['a body that is gone', { hasBody: true }, null],
    ['no answer in time', { code: 'origin-timeout' }, null],
    ['nonsense', { code: 'origin-invalid' }, null],
    ['the client left', { code: 'client-gone' }, null],
    ['just time enough', { leftMs: 275 }, 25],
    ['too late', { leftMs: 274 }, null],
  ]
  for (const [phrase, changes, expect] of rows)
    t.equal(retryAfterMs({ ...failed, ...changes }, 0.5), expect, phrase)
})

test('a page whose connection breaks is fetched again, and the origin is told so', async (t) => {
  const seen: unknown[] = []
  let breaks = false
  const edge = await openTestEdge({
    answer: (request, response) => {
      seen.push(request.headers['ecluse-attempt'])
      if (breaks) request.socket.destroy()
      else response.end('ok')
      breaks = false
    },
  })
  t.teardown(edge.closeAll)
  for (let i = 0; i < 10; i += 1) t.equal((await ask(edge.url)).status, 200)
  breaks = true
  t.equal((await ask(edge.url)).status, 200, 'the person sees nothing of it')
  t.same(seen.slice(-2), ['1', '2'])
  breaks = true
  t.equal((await ask(edge.url)).status, 502, 'the budget is spent')
})

test('T5: a portal in trouble is asked 1.1 times at most', async (t) => {
  const troubles: Record<string, RequestListener> = {
    'answers 503': (_, response) => response.writeHead(503).end(),
    'answers 503 and when to come back': (_, response) =>
      response.writeHead(503, { 'retry-after': '10' }).end(),
    'breaks every connection': (request) => request.socket.destroy(),
  }
  for (const [trouble, answer] of Object.entries(troubles)) {
    let received = 0
    const edge = await openTestEdge({
      answer: (request, response) => {
        received += 1
        answer(request, response)
      },
      // Else an origin that breaks every connection would be left alone, and the budget not needed.
      policy: { isBypassed: true },
    })
    t.teardown(edge.closeAll)
    const asked = 200
    for (let i = 0; i < asked; i += 1) await ask(edge.url)
    t.ok(received >= asked, `${trouble}: everybody was passed on`)
    t.ok(received <= asked * 1.1, `${trouble}: ${received} of ${asked}`)
  }
})

test('without the budget it would be asked three times', async (t) => {
  let attempt = 1
  while (retryAfterMs({ ...failed, attempt }, 0.5) !== null) attempt += 1
  t.equal(attempt, 3)
})
