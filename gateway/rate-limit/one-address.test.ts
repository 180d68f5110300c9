import { Agent } from 'node:http'
import { t as root, test } from 'tap'
import { startPrivateRedis } from '../../queue-workers/private-redis-process.ts'
import { ask } from '../../test/support/client.ts'
import { openTestEdge, routeClass, type TestEdge } from '../../test/support/edge.ts'
import { openPolicy } from '../../test/support/exchange.ts'
import type { LimitRules } from '../policy/policy.ts'

// Ten thousand requests over real sockets; a busy machine may take a minute.
root.setTimeout(300_000)

const pupils = 900
const pagesEach = 10
const batch = 10
const limits: LimitRules = {
  account: { perMinute: 600, burst: 200 },
  address: { perMinute: 3_000, burst: 1_000 },
  addressPerSession: { perMinute: 300, burst: 100 },
}

/** A school behind one address: an edge with a Redis, before a portal that logs everybody in. */
async function openSchool(
  t: { teardown(close: () => unknown): void },
  changed: Partial<LimitRules> = {},
) {
  const redis = await startPrivateRedis()
  const edge = await openTestEdge({
    answer: (request, response) => {
      const user = /^\/login\/(\w+)$/.exec(request.url ?? '')?.[1]
      if (user !== undefined) {
        response.setHeader('set-cookie', `PORTALSESSION=session-${user}; Path=/; HttpOnly`)
        response.setHeader('ecluse-identity', `user="${user}", school="s1", role="pupil"`)
      }
      response.end('ok')
    },
    policy: {
      limits: { ...limits, ...changed },
      gate: { ...openPolicy.gate, maxInFlight: 256, maxQueued: 2_000 },
      stages: { ...openPolicy.stages, 'waiting-room': 'off', cache: 'off' },
      classes: [routeClass('page', { match: { methods: ['GET'], path: '/**' } })],
    },
    settings: { 'redis.volatile': redis.address },
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  t.teardown(async () => {
    agent.destroy()
    await edge.closeAll()
    await redis.stop()
  })
  return { edge, agent }
}

async function cookieOf({ edge, agent }: { edge: TestEdge; agent: Agent }, user: string) {
  const { headers } = await ask(`${edge.url}/login/${user}`, { agent })
  return (headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0]).join('; ')
}

async function loggedIn(school: { edge: TestEdge; agent: Agent }): Promise<string[]> {
  const cookies: string[] = []
  for (let i = 0; i < pupils; i += 1) cookies.push(await cookieOf(school, `u${i}`))
  return cookies
}

/** How many of these requests the quotas refused, one for each cookie given. */
async function refusals(
  { edge, agent }: { edge: TestEdge; agent: Agent },
  cookies: readonly string[],
): Promise<number> {
  let refused = 0
  // As many as have connections: thousands begun at once would hold up the edge's own clock, here
  // in one process with them, until Redis seems late.
  for (let from = 0; from < cookies.length; from += batch) {
    const some = cookies.slice(from, from + batch)
    const answers = some.map((cookie) => ask(`${edge.url}/`, { agent, headers: { cookie } }))
    refused += (await Promise.all(answers)).filter(({ status }) => status === 429).length
  }
  return refused
}

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))

test('900 pupils behind one address work on beside an abuser and a flood of strangers', async (t) => {
  const school = await openSchool(t)
  const startedMs = performance.now()
  const cookies = await loggedIn(school)
  const abuser = await cookieOf(school, 'abuser')
  let [pupilsRefused, abuserRefused] = [0, 0]
  for (let page = 0; page < pagesEach; page += 1) {
    const [mine, theirs] = await Promise.all([
      refusals(school, cookies),
      refusals(
        school,
        times(100, () => abuser),
      ),
      refusals(
        school,
        times(100, (i) => `PORTALSESSION=made-up-${page}-${i}`),
      ),
    ])
    pupilsRefused += mine
    abuserRefused += theirs
  }
  const seconds = (performance.now() - startedMs) / 1_000
  t.ok(pupilsRefused <= 0.005 * pupils * pagesEach, `${pupilsRefused} pages of pupils refused`)
  const { perMinute, burst } = limits.account
  const served = 100 * pagesEach - abuserRefused
  const quota = burst + (perMinute / 60) * seconds + 1
  t.ok(served <= quota, `${served} served to the abuser, of ${quota}`)
})

test('without counting who is behind an address, most of the school would be refused', async (t) => {
  const school = await openSchool(t, { addressPerSession: { perMinute: 0, burst: 0 } })
  const cookies = await loggedIn(school)
  let refused = 0
  for (let page = 0; page < 4; page += 1) refused += await refusals(school, cookies)
  t.ok(refused > 0.2 * pupils * 4, `${refused} of ${pupils * 4}`)
})
