import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { test } from 'tap'
import { systemClock } from '../../core/clock.ts'
import { gcra, gcraLimit } from '../../core/gcra.ts'
import { silentMeter } from '../../core/metric-catalogue.ts'
import { ask } from '../../test/support/client.ts'
import { openTestEdge, routeClass } from '../../test/support/edge.ts'
import { type ExchangeChanges, exchangeFor, openPolicy } from '../../test/support/exchange.ts'
import type { gatewayMetrics } from '../metrics.ts'
import { unknownClass } from '../policy/policy.ts'
import { redisClient } from '../redis-client.ts'
import { sharedQuotas } from './shared-quotas-store.ts'
import { buildRateLimitStage } from './stage.ts'

const nameKey = new Uint8Array(32).fill(7)

interface Teardown {
  teardown: (close: () => unknown) => void
}

/** A Redis of our own on a socket in a temporary folder, gone with the test. */
async function startRedis(t: Teardown): Promise<{ server: ChildProcess; redis: Redis }> {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-limit-'))
  const socket = join(folder, 's')
  const memoryOnly = ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no']
  const server = spawn('redis-server', [...memoryOnly, '--dir', folder])
  const closed = once(server, 'close')
  const redis = redisClient(socket, 1_000)
  t.teardown(async () => {
    redis.disconnect()
    server.kill('SIGKILL')
    await closed
    rmSync(folder, { recursive: true })
  })
  for await (const line of server.stdout)
    if (String(line).includes('ready to accept connections')) break
  await redis.connect()
  return { server, redis }
}

function stageOn(redis: Redis | null, processes = 1) {
  let fallbacks = 0
  const meter = { ...silentMeter<typeof gatewayMetrics>(), count: () => (fallbacks += 1) }
  const stage = buildRateLimitStage({ redis, nameKey, clock: systemClock, meter, processes })
  const ask = async (user: string, changes: ExchangeChanges = {}) => {
    const principal = { user, school: null, role: null, groups: [] }
    const identity = { principal, sessionKey: user, isInside: true, ...changes.identity }
    const exchange = exchangeFor({ ...changes, identity })
    const answer = await stage(exchange)
    const outcome = answer?.outcome
    const reason = outcome?.kind === 'turned-away' ? outcome.reason : 'allowed'
    return { reason, answer, fields: exchange.addedHeaders }
  }
  return { ask, fallbacks: () => fallbacks }
}

const small = {
  limits: {
    account: { perMinute: 1, burst: 5 },
    address: { perMinute: 1, burst: 12 },
    addressPerSession: { perMinute: 0, burst: 0 },
  },
}
const tally = (reasons: readonly { reason: string }[]) => {
  const counts: Record<string, number> = {}
  for (const { reason } of reasons) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}

test('over Redis, limits are exact however many ask at once, from however many processes', async (t) => {
  const { redis } = await startRedis(t)
  const [one, other] = [stageOn(redis), stageOn(redis)]
  const ask = (user: string, i: number) => (i % 2 === 0 ? one : other).ask(user, { policy: small })
  const ends = await Promise.all(Array.from({ length: 200 }, (_, i) => ask('u1', i)))
  t.same(tally(ends), { allowed: 5, 'quota-account': 195 })
  t.equal(one.fallbacks(), 0)
  const others = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(`v${i}`, i)))
  const expect = { allowed: 7, 'quota-address': 13 }
  t.same(tally(others), expect, 'what the account was refused cost the address nothing')
})

test('a refused person learns which quota, and when to come back', async (t) => {
  const { redis } = await startRedis(t)
  const { ask } = stageOn(redis)
  const first = await ask('u1', { policy: small })
  t.same(first.fields.slice(0, 4), [
    'ratelimit-policy',
    '"account";q=1;w=60',
    'ratelimit',
    '"account";r=4;t=60',
  ])
  for (let i = 0; i < 4; i += 1) await ask('u1', { policy: small })
  const { answer, fields } = await ask('u1', { policy: small })
  t.equal(answer?.status, 429)
  const retryAfter = Number(answer?.headers[answer.headers.indexOf('retry-after') + 1])
  t.ok(retryAfter >= 60 && retryAfter <= 120, `${retryAfter} s`)
  t.match(fields[3], /^"account";r=0;t=60$/)
})

test('an address grows with the people behind it, whichever process they talk to', async (t) => {
  const { redis } = await startRedis(t)
  const school = {
    limits: {
      ...small.limits,
      address: { perMinute: 60, burst: 60 },
      addressPerSession: { perMinute: 4, burst: 4 },
    },
  }
  const [here, there] = [stageOn(redis), stageOn(redis)]
  for (let i = 0; i < 30; i += 1) await here.ask(`u${i}`, { policy: school })
  const ends = []
  for (let i = 0; i < 60; i += 1) {
    // Nobody vouches for these: they do not make the address larger themselves.
    const identity = { principal: null, isInside: false, sessionKey: `x${i}` }
    ends.push(await there.ask('', { policy: school, identity }))
  }
  t.same(tally(ends), { allowed: 60 })
})

test('the script decides as the arithmetic does', async (t) => {
  const { redis } = await startRedis(t)
  const shared = sharedQuotas(redis, nameKey)
  const quota = { perMinute: 3, burst: 7 }
  const now = { monotonic: 0, wall: 0 }
  let tatUs: number | null = null
  for (const cost of [1, 2, 1, 5, 2, 3, 1, 1, 1]) {
    const charge = { name: 'account' as const, key: 'k', quota, cost }
    const reply = await shared.charge({ charges: [charge], crowds: [], session: null }, now)
    // In the same second: the two clocks differ by less than a unit's interval.
    const own = gcra({ tatUs, limit: gcraLimit(quota), cost, nowUs: 0 })
    if (own.kind === 'allowed') tatUs = own.tatUs
    t.equal(reply?.verdict.kind, own.kind)
    t.ok(Math.abs((reply?.verdict.standings[0]?.remaining ?? 99) - own.remaining) <= 1)
  }
  const [name] = await redis.keys('ecluse:{limits}:*')
  const ttl = await redis.pttl(name ?? '')
  t.ok(ttl > 6 * 20_000 && ttl <= 7 * 20_000 + 1, `kept until it is empty: ${ttl} ms`)
})

test('a Redis that stops answering costs 100 ms at most, and no limit is lost', async (t) => {
  const { server, redis } = await startRedis(t)
  const { ask, fallbacks } = stageOn(redis, 2)
  await ask('u0', { policy: small })
  server.kill('SIGSTOP')
  const startedMs = performance.now()
  const ends = await Promise.all(Array.from({ length: 50 }, () => ask('u1', { policy: small })))
  const tookMs = performance.now() - startedMs
  t.ok(tookMs < 100, `${tookMs.toFixed()} ms`)
  t.same(tally(ends), { allowed: 2, 'quota-account': 48 }, 'half of the quota: two processes')
  const again = performance.now()
  await ask('u2', { policy: small })
  t.ok(performance.now() - again < 20, 'known to be away: not asked again at once')
  t.ok(fallbacks() >= 50)
  server.kill('SIGCONT')
})

test('a Redis that dies is not missed', async (t) => {
  const { server, redis } = await startRedis(t)
  const { ask } = stageOn(redis)
  await ask('u0', { policy: small })
  const closed = once(server, 'close')
  server.kill('SIGKILL')
  await closed
  const ends = await Promise.all(Array.from({ length: 20 }, () => ask('u1', { policy: small })))
  t.same(tally(ends), { allowed: 5, 'quota-account': 15 })
})

test('passwords of one account are tried so often and no more, and every body arrives whole', async (t) => {
  const login = { accountField: 'email' }
  const classes = [
    routeClass('login', { match: { methods: ['POST'], path: '/login' }, login, cost: 1 }),
  ]
  const wide = { perMinute: 6_000, burst: 1_000 }
  const limits = { account: wide, address: wide, addressPerSession: wide }
  const edge = await openTestEdge({
    answer: (request, response) => void request.pipe(response),
    policy: {
      classes,
      limits: { ...limits, login: { perMinute: 1, burst: 3 } },
      stages: { ...openPolicy.stages, 'waiting-room': 'off' },
    },
  })
  t.teardown(edge.closeAll)
  const tried = async (body: string, headers: Record<string, string> = {}) => {
    const isChunked = 'transfer-encoding' in headers
    const length = isChunked ? {} : { 'content-length': String(body.length) }
    const post = { method: 'POST', body, headers: { ...length, ...headers } }
    const answer = await ask(`${edge.url}/login`, post)
    return answer.body === body ? 'whole' : (answer.headers['ecluse-reason'] ?? answer.body)
  }
  const agents = ['a', 'b', 'c', 'd'].map((cookie) => ({ cookie: `PORTALSESSION=${cookie}` }))
  const ends = []
  for (const headers of agents) ends.push(await tried('email=anna&password=1', headers))
  t.same(ends, ['whole', 'whole', 'whole', 'quota-login'], 'from whichever device')
  t.equal(await tried('email=bruno&password=1'), 'whole', 'another account is another bucket')
  const hidden = `email=anna&padding=${'x'.repeat(8_192)}`
  t.equal(await tried(hidden), 'whole', 'the address counts instead')
  const chunked = { 'transfer-encoding': 'chunked' }
  t.equal(await tried('email=anna', chunked), 'whole')
  t.equal(await tried('email=anna', chunked), 'whole')
  t.equal(await tried('email=bruno', chunked), 'quota-login', 'no way round by leaving out lengths')
})

test('without Redis the process counts alone; free classes and a stage switched off do not count', async (t) => {
  const { ask, fallbacks } = stageOn(null)
  const ends = await Promise.all(Array.from({ length: 9 }, () => ask('u1', { policy: small })))
  t.same(tally(ends), { allowed: 5, 'quota-account': 4 })
  t.equal(fallbacks(), 0, 'nothing was late: there is no Redis')
  t.equal(
    (await ask('u1', { policy: small, routeClass: { ...unknownClass, cost: 0 } })).reason,
    'allowed',
  )
  const stages = { ...openPolicy.stages, 'rate-limit': 'off' as const }
  t.equal((await ask('u1', { policy: { ...small, stages } })).reason, 'allowed')
})
