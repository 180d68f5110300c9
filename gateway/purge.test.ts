import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { startPrivateRedis } from '../queue-workers/private-redis-process.ts'
import { ask, until } from '../test/support/client.ts'
import { openTestEdge, type TestEdge } from '../test/support/edge.ts'
import { openOrigin } from '../test/support/origin.ts'
import { countingPortal, pupilAt, purgeAt, sharingPolicy } from '../test/support/shared-portal.ts'

type Teardown = { teardown(act: () => unknown): unknown }

/** Two edges of one portal: the same keys, the same volatile Redis. */
async function openPair(t: Teardown) {
  const portal = countingPortal()
  const origin = await openOrigin(portal.answer)
  const redis = await startPrivateRedis()
  // What the processes share would bring the one's newer answer to the other.
  const settings = { 'redis.volatile': redis.address, processes: 2, 'cache.shared': false }
  const facts = { originUrl: origin.url, policy: sharingPolicy }
  const one = await openTestEdge({ ...facts, settings })
  const keysFolder = join(one.folder, 'same-keys')
  cpSync(join(one.folder, 'keys'), keysFolder, { recursive: true })
  const other = await openTestEdge({
    ...facts,
    settings: { ...settings, 'keys.folder': keysFolder },
  })
  t.teardown(async () => {
    redis.process.kill('SIGCONT')
    await Promise.all([other.closeAll(), one.closeAll(), origin.close()])
    await redis.stop()
  })
  return { portal, redis, one, other: { ...other, keys: one.keys } as TestEdge }
}

const url = 'https://ent.example/news/1'
const host = { headers: { host: 'ent.example' } }

test('a purge by URL, group or school is done in every process when it is answered', async (t) => {
  const { one, other } = await openPair(t)
  const people = [await pupilAt(one.url), await pupilAt(other.url)]
  const orders = [
    { order: { urls: [url] }, path: '/news/1', not: '/news/2' },
    {
      order: { groups: [{ origin: 'http://ent.example', name: 'headlines' }] },
      path: '/news/1',
      not: '/news/2',
    },
    { order: { schools: ['s1'] }, path: '/timetable', not: '/news/1' },
  ]
  for (const { order, path, not } of orders) {
    for (const ask of people) for (const asked of [path, not]) await ask(asked)
    const answer = await purgeAt(one, order)
    t.equal(answer.status, 200, answer.body)
    t.match(JSON.parse(answer.body), { isTold: true, notReached: [] })
    t.equal(JSON.parse(answer.body).reached.length, 2)
    for (const ask of people) {
      t.match((await ask(path)).headers['cache-status'], /fwd=uri-miss/, JSON.stringify(order))
      t.match((await ask(not)).headers['cache-status'], /hit/, 'the rest is untouched')
    }
  }
  t.match(one.lines, ['audit: purge of 1 URLs, 0 groups, 0 schools', /1 groups/, /1 schools/])
})

test('what an unsafe request changed through one process is dropped in the other', async (t) => {
  const { one, other } = await openPair(t)
  await ask(`${other.url}/news/1`, host)
  await ask(`${other.url}/news/2`, host)
  t.equal((await ask(`${other.url}/news/1`, host)).body, '/news/1 1')
  await ask(`${one.url}/save`, { ...host, method: 'POST' })
  await until(async () => (await ask(`${other.url}/news/1`, host)).body !== '/news/1 1')
  t.equal((await ask(`${other.url}/news/1`, host)).body, '/news/1 2', 'its group')
  await ask(`${one.url}/news/2`, { ...host, method: 'DELETE' })
  await until(async () => (await ask(`${other.url}/news/2`, host)).body !== '/news/2 1')
  t.equal((await ask(`${other.url}/news/2`, host)).body, '/news/2 3', 'its URL')
})

test('a write that a worker applies purges what it changed', async (t) => {
  const { one } = await openPair(t)
  await ask(`${one.url}/news/1`, host)
  const headers = { ...host.headers, 'ecluse-internal': one.keys.internalToken }
  await ask(`${one.internalUrl}/save`, { method: 'POST', headers })
  t.equal((await ask(`${one.url}/news/1`, host)).body, '/news/1 2')
})

test('while Redis is stopped, what is not public is a miss after 5 s, and public pages stay', async (t) => {
  const { one, other, redis, portal } = await openPair(t)
  const pupil = await pupilAt(other.url)
  for (const path of ['/timetable', '/news/2']) await pupil(path)
  t.match((await pupil('/timetable')).headers['cache-status'], /hit/)
  redis.process.kill('SIGSTOP')
  const stoppedAtMs = performance.now()
  t.match((await pupil('/timetable')).headers['cache-status'], /hit/, 'not at once')
  const answer = await purgeAt(one, { urls: [url] })
  t.equal(answer.status, 202, 'nobody else was told')
  t.equal(JSON.parse(answer.body).isTold, false)
  const isMissed = async () =>
    !/hit/.test(String((await pupil('/timetable')).headers['cache-status']))
  while (!(await isMissed()) && performance.now() - stoppedAtMs < 10_000) await until(isMissed)
  t.ok(await isMissed(), 'though it was stored again since')
  t.match((await pupil('/news/2')).headers['cache-status'], /hit/)
  const health = JSON.parse((await ask(`${other.operationsUrl}/health`)).body)
  t.match(health, { isReady: true, degraded: [/purges of others are not read/] })
  redis.process.kill('SIGCONT')
  await until(async () => !(await isMissed()))
  t.notOk(await isMissed(), 'and it is given again when purges are read again')
  t.ok(portal.asked('/timetable') > 2)
})

test('a purge made while Redis is away reaches the others when it is back', async (t) => {
  const { one, other, redis } = await openPair(t)
  await ask(`${other.url}/news/1`, host)
  redis.process.kill('SIGSTOP')
  await purgeAt(one, { urls: [url] })
  t.equal((await ask(`${other.url}/news/1`, host)).body, '/news/1 1')
  redis.process.kill('SIGCONT')
  const isDropped = async () => (await ask(`${other.url}/news/1`, host)).body === '/news/1 2'
  await until(isDropped)
  t.ok(await isDropped())
})

test('an order that is malformed is refused with every problem, and without the token', async (t) => {
  const portal = countingPortal()
  const edge = await openTestEdge({ answer: portal.answer, policy: sharingPolicy })
  t.teardown(edge.closeAll)
  const rows = [
    ['', 1],
    ['[]', 1],
    [{}, 1],
    [{ urls: ['/news/1'] }, 1],
    [{ urls: ['ftp://ent.example/'], colour: 'red' }, 2],
    [
      {
        groups: [
          { origin: 'https://ent.example/news', name: 'x' },
          { origin: 'https://ent.example' },
        ],
      },
      2,
    ],
    [{ schools: [''] }, 1],
    [{ schools: Array.from({ length: 1001 }, () => 's') }, 1],
  ] as const
  for (const [order, problems] of rows) {
    const answer = await purgeAt(edge, order)
    t.equal(answer.status, 422, JSON.stringify(order).slice(0, 60))
    t.equal(JSON.parse(answer.body).problems.length, problems)
  }
  const url = `${edge.operationsUrl}/purge`
  t.equal((await ask(url, { method: 'POST', body: '{"schools":["s1"]}' })).status, 401)
  t.strictSame(edge.lines, [], 'nothing to audit')
})

test('one process alone purges without Redis, and is never blind', async (t) => {
  const portal = countingPortal()
  const edge = await openTestEdge({ answer: portal.answer, policy: sharingPolicy })
  t.teardown(edge.closeAll)
  const pupil = await pupilAt(edge.url)
  await pupil('/timetable')
  t.match((await pupil('/timetable')).headers['cache-status'], /hit/)
  t.equal((await purgeAt(edge, { schools: ['s1'] })).status, 200)
  t.match((await pupil('/timetable')).headers['cache-status'], /fwd=uri-miss/)
})
