import { test } from 'tap'
import { ask, until } from '../test/support/client.ts'
import { exchangeFor, openPolicy } from '../test/support/exchange.ts'
import { openTestEdge, routeClass } from '../test/support/edge.ts'
import { systemClock } from '../core/clock.ts'
import type { Exchange } from './exchange.ts'
import { openObservation } from './observation-process.ts'
import { policyHolder } from './policy/policy-store.ts'
import type { GatewaySettings } from './settings.ts'

const page = routeClass('page', { match: { methods: ['GET'], path: '/page' } })

test('probes tell a portal that is ill from an edge that is', async (t) => {
  let status = 200
  const edge = await openTestEdge({
    answer: (_, response) => response.writeHead(status).end(),
    policy: { classes: [page] },
    settings: { 'probe.path': '/page', 'probe.everySeconds': 1 },
  })
  t.teardown(edge.closeAll)
  const probes = (way: string, result: string): Promise<number> =>
    edge.metric('ecluse_probes_total', `{way="${way}",result="${result}"}`)
  await until(async () => (await probes('through', 'good')) > 0, 10_000)
  await until(async () => (await probes('around', 'good')) > 0, 10_000)
  t.equal(await probes('around', 'bad'), 0)
  // Only the edge turns people away: through it is bad, around it is good.
  const closing = { ...openPolicy, version: 9, classes: [page], closed: ['page'] }
  const headers = { authorization: `Bearer ${edge.keys.operationsToken}` }
  await ask(`${edge.operationsUrl}/policy`, {
    method: 'PUT',
    body: JSON.stringify(closing),
    headers,
  })
  await until(async () => (await probes('through', 'bad')) > 0, 10_000)
  t.ok(await probes('through', 'bad'))
  t.equal(await probes('around', 'bad'), 0)
  status = 500
  await until(async () => (await probes('around', 'bad')) > 0, 10_000)
  t.ok(await probes('around', 'bad'))
})

test('what is in force can be read beside what happens', async (t) => {
  const edge = await openTestEdge({
    answer: (_, response) => response.end('x'),
    policy: { version: 3, classes: [page], closed: ['page'] },
  })
  t.teardown(edge.closeAll)
  t.equal(await edge.metric('ecluse_policy_version'), 3)
  t.equal(await edge.metric('ecluse_closed_classes'), 1)
  t.equal(await edge.metric('ecluse_stage_enforced', '{stage="admission"}'), 1)
  t.equal(await edge.metric('ecluse_stage_enforced', '{stage="cache"}'), 0)
  await ask(`${edge.url}/other`)
  t.equal(await edge.metric('ecluse_edge_seconds_count'), 1)
  t.equal(await edge.metric('ecluse_origin_seconds_count', '{class="unknown",server="portal"}'), 1)
})

test('with a thousand schools and every class busy the text stays small', async (t) => {
  const observation = openObservation({
    settings: {} as GatewaySettings,
    clock: systemClock,
    policy: policyHolder(openPolicy),
    log: () => undefined,
    health: () => ({ isReady: true, state: 'ready', degraded: [] }),
    surroundings: () => ({
      volatileRedis: 'up',
      durableRedis: 'down',
      refusedAbsorption: null,
      spooled: null,
      isPurgeBlind: false,
    }),
  })
  t.teardown(observation.close)
  for (let school = 0; school < 1_000; school += 1) {
    const identity = {
      ...exchangeFor().identity,
      principal: { user: 'u', school: `075${school}A`, role: null, groups: [] },
    }
    const exchange: Exchange = { ...exchangeFor(), identity }
    for (let i = 0; i <= school % 50; i += 1) {
      observation.onFinish({
        exchange,
        outcome: { kind: 'served', from: 'origin' },
        status: 200,
        totalMs: 1,
      })
    }
  }
  const { text } = await observation.metrics()
  const series = text.split('\n').filter((line) => line.startsWith('ecluse_school_'))
  t.equal(series.length, 42, 'twenty schools and the rest, served and turned away')
  t.ok(series.some((line) => line.includes('school="rest"')))
  t.match(text, /^ecluse_redis_up\{role="durable"\} 0$/m)
})
