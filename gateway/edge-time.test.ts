import { test } from 'tap'
import { exchangeFor } from '../test/support/exchange.ts'
import { edgeMsOf } from './edge-time.ts'
import type { Exchange } from './exchange.ts'
import type { ServedFrom } from './outcome.ts'

const waits: Pick<Exchange, 'admission' | 'rateLimit' | 'upstream'> = {
  admission: { queuedMs: 100 },
  rateLimit: { redisMs: 10 },
  upstream: { status: 200, originMs: 200 },
}

const rows: { what: string; from: ServedFrom; facts: Partial<Exchange>; edgeMs: number | null }[] =
  [
    { what: 'a stored answer is all the edge’s', from: 'fresh', facts: {}, edgeMs: 312 },
    { what: 'a page of our own too', from: 'edge', facts: {}, edgeMs: 312 },
    { what: 'line, Redis and origin are not', from: 'origin', facts: waits, edgeMs: 2 },
    {
      what: 'without a line and quotas the origin alone is not',
      from: 'origin',
      facts: { upstream: waits.upstream },
      edgeMs: 112,
    },
    {
      what: 'clocks that disagree never make it negative',
      from: 'origin',
      facts: { ...waits, upstream: { status: 200, originMs: 900 } },
      edgeMs: 0,
    },
    { what: 'a fetch of another request’s says nothing', from: 'origin', facts: {}, edgeMs: null },
    { what: 'nor does a shared one', from: 'coalesced', facts: waits, edgeMs: null },
    { what: 'nor one that was waited for in vain', from: 'stale', facts: waits, edgeMs: null },
    { what: 'nor one that only confirmed', from: 'revalidated', facts: waits, edgeMs: null },
  ]

for (const { what, from, facts, edgeMs } of rows) {
  test(what, async (t) => {
    const exchange = { ...exchangeFor({}), ...facts } as Exchange
    t.equal(edgeMsOf(exchange, { kind: 'served', from }, 312), edgeMs)
  })
}

test('a request that was turned away, absorbed or left says nothing of the edge', async (t) => {
  const exchange = exchangeFor({})
  for (const outcome of [
    { kind: 'absorbed' },
    { kind: 'abandoned' },
    { kind: 'turned-away', reason: 'gate-full' },
  ] as const) {
    t.equal(edgeMsOf(exchange, outcome, 5), null)
  }
})
