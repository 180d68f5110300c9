import { test } from 'tap'
import { edgeHealth, type Surroundings } from './health.ts'

const goodDay: Surroundings = {
  isDraining: false,
  volatileRedis: 'up',
  durableRedis: 'up',
  refusedAbsorption: null,
  spooled: 0,
  isPurgeBlind: false,
}

const rows: { what: string; change: Partial<Surroundings>; isReady: boolean; degraded: number }[] =
  [
    { what: 'on a good day', change: {}, isReady: true, degraded: 0 },
    {
      what: 'without any Redis configured',
      change: { volatileRedis: 'not configured', durableRedis: 'not configured' },
      isReady: true,
      degraded: 0,
    },
    {
      what: 'with volatile Redis lost',
      change: { volatileRedis: 'down' },
      isReady: true,
      degraded: 1,
    },
    {
      what: 'with durable Redis lost',
      change: { durableRedis: 'down' },
      isReady: true,
      degraded: 1,
    },
    {
      what: 'while purges are not read',
      change: { isPurgeBlind: true },
      isReady: true,
      degraded: 1,
    },
    {
      what: 'with writes in the spool',
      change: { durableRedis: 'down', spooled: 3 },
      isReady: true,
      degraded: 2,
    },
    {
      what: 'with everything lost',
      change: {
        volatileRedis: 'down',
        durableRedis: 'down',
        refusedAbsorption: 'it may lose writes',
      },
      isReady: true,
      degraded: 3,
    },
    { what: 'while it stops', change: { isDraining: true }, isReady: false, degraded: 0 },
  ]

for (const { what, change, isReady, degraded } of rows) {
  test(`${what} the edge is ${isReady ? 'ready' : 'not ready'}`, async (t) => {
    const health = edgeHealth({ ...goodDay, ...change })
    t.equal(health.isReady, isReady)
    t.equal(health.degraded.length, degraded, 'and says what it does without')
  })
}
