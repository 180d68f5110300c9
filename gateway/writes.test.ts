import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'tap'
import { systemClock } from '../core/clock.ts'
import { openMailboxes, type Turn } from '../queue-workers/mailbox-store.ts'
import { startPrivateRedis } from '../queue-workers/private-redis-process.ts'
import type { Taken } from '../queue-workers/turn.ts'
import { ask, until } from '../test/support/client.ts'
import { openTestEdge, plainPolicy, routeClass } from '../test/support/edge.ts'
import { redisClient } from './redis-client.ts'

const work = routeClass('work', {
  match: { methods: ['POST'], path: '/devoirs' },
  deadlineMs: 20_000,
  write: {
    authority: 'on-behalf',
    outcome: 'dedupes',
    success: [201],
    answer: 'receipt',
    when: 'surge',
    answerWithinMs: 400,
    keeps: 'all',
    durability: 'queue-fsync',
    maxBodyBytes: 1_000,
    backlogMaxSeconds: 60,
  },
})

/** An edge with a real queue, in front of a portal that may be told to think for long. */
async function setUp(t: { teardown(act: () => unknown): unknown }) {
  const redis = await startPrivateRedis()
  const thinking: (() => void)[] = []
  const portal = { isSlow: false, session: 'one', asked: [] as string[] }
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url === '/login') {
      const cookie = [`PORTALSESSION=${portal.session}`]
      response.writeHead(200, { 'set-cookie': cookie, 'ecluse-identity': 'user="u1", school="s1"' })
      response.end()
      return
    }
    portal.asked.push(`${String(request.headers['idempotency-key'])} ${request.headers.cookie}`)
    request.resume()
    const finish = (): void => void response.writeHead(201, { location: '/devoirs/7' }).end('rendu')
    if (portal.isSlow) thinking.push(finish)
    else finish()
  }
  const edge = await openTestEdge({
    answer,
    policy: { stages: { ...plainPolicy.stages, 'write-absorption': 'enforce' }, classes: [work] },
    settings: { 'redis.durable': redis.address },
  })
  const client = redisClient(redis.address, 2_000)
  await client.connect()
  t.teardown(async () => {
    client.disconnect()
    await edge.closeAll()
    await redis.stop()
  })
  const login = () => ask(`${edge.url}/login`)
  await login()
  const send = (key: string) =>
    ask(`${edge.url}/devoirs`, {
      method: 'POST',
      headers: { cookie: 'PORTALSESSION=one', 'idempotency-key': key },
      body: 'mon devoir',
    })
  const mailboxes = openMailboxes(client, systemClock)
  const answers = (): void => thinking.splice(0).forEach((finish) => finish())
  return { edge, portal, login, send, mailboxes, answers }
}

test('in quiet hours the portal itself answers, in busy ones the receipt does', async (t) => {
  const { edge, portal, send, mailboxes, answers } = await setUp(t)
  const quiet = await send('key-0001')
  t.equal(quiet.status, 201)
  t.equal(quiet.body, 'rendu')
  t.same(portal.asked, ['key-0001 PORTALSESSION=one'], 'as the person who sent it')
  t.equal((await mailboxes.backlog()).writes, 0)
  portal.isSlow = true
  const busy = await send('key-0002')
  t.equal(busy.status, 202)
  t.equal((await mailboxes.backlog()).writes, 1)
  const mine = { headers: { cookie: 'PORTALSESSION=one' } }
  const { pending } = JSON.parse((await ask(`${edge.url}/.ecluse/pending`, mine)).body)
  t.match(pending, [{ id: JSON.parse(busy.body).receipt.id }], 'it is among what waits')
  t.equal((await ask(`${edge.url}/.ecluse/pending`)).status, 404, 'for its owner alone')
  const headers = { ...mine.headers, accept: 'text/html' }
  const page = await ask(`${edge.url}/.ecluse/pending`, { headers })
  t.match(page.body, /Vos envois en attente/)
  answers()
  await until(async () => (await mailboxes.backlog()).writes === 0)
  t.match((await ask(`${edge.url}/.ecluse/pending`, { headers })).body, /n’attend|nâ/)
  t.equal(portal.asked.length, 2, 'the attempt was not made twice')
})

test('what a person was not allowed to write any more is tried again when they log in', async (t) => {
  const { edge, portal, login, send, mailboxes, answers } = await setUp(t)
  portal.isSlow = true
  // Two writes: one that the edge tries, and behind it one for the workers.
  t.equal((await send('key-0001')).status, 202)
  t.equal((await send('key-0002')).status, 202)
  answers()
  await until(async () => (await mailboxes.dispatch(1)).length > 0)
  const [turn] = await mailboxes.turns()
  const taken = (await mailboxes.begin(turn as Turn)) as Taken
  const lost = { kind: 'parked', reason: 'authority-lost', goesOn: false } as const
  await mailboxes.settle(turn as Turn, taken, lost)
  t.equal((await mailboxes.backlog()).writes, 0)
  await login()
  t.equal((await mailboxes.backlog()).writes, 0, 'the same session again is no login')
  portal.session = 'two'
  await login()
  await until(async () => (await mailboxes.backlog()).writes === 1)
  t.equal(await edge.metric('ecluse_writes_driven_again_total', '{end="done"}'), 1)
})
