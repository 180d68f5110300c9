import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { redisClient } from './redis-client.ts'
import { startPrivateRedis } from '../queue-workers/private-redis-process.ts'
import { ask, until } from '../test/support/client.ts'
import { openTestEdge, type TestEdge } from '../test/support/edge.ts'
import { openOrigin } from '../test/support/origin.ts'
import { countingPortal, pupilAt, purgeAt, sharingPolicy } from '../test/support/shared-portal.ts'

type Teardown = { teardown(act: () => unknown): unknown }

/** A portal and a Redis, in front of which edges of one family come and go. */
async function openPlace(t: Teardown, settings: Readonly<Record<string, unknown>> = {}) {
  const portal = countingPortal()
  const origin = await openOrigin(portal.answer)
  const redis = await startPrivateRedis()
  const edges: TestEdge[] = []
  const open = async (): Promise<TestEdge> => {
    const [first] = edges
    const keysFolder = first && join(first.folder, `keys-${edges.length}`)
    if (first && keysFolder) cpSync(join(first.folder, 'keys'), keysFolder, { recursive: true })
    const edge = await openTestEdge({
      originUrl: origin.url,
      policy: sharingPolicy,
      settings: {
        'redis.volatile': redis.address,
        ...(keysFolder !== undefined && { 'keys.folder': keysFolder }),
        ...settings,
      },
    })
    const own = { ...edge, keys: first?.keys ?? edge.keys }
    edges.push(own)
    return own
  }
  const one = await open()
  t.teardown(async () => {
    redis.process.kill('SIGCONT')
    for (const edge of edges.toReversed()) await edge.closeAll()
    await origin.close()
    await redis.stop()
  })
  const admin = redisClient(redis.address, 1000)
  await admin.connect()
  t.teardown(() => admin.disconnect())
  const kept = async (count: number): Promise<void> => {
    await until(async () => (await admin.keys('ecluse:cache:*')).length >= count)
  }
  return { portal, redis, one, open, admin, kept }
}

const host = { headers: { host: 'ent.example' } }

test('a process that has just started answers what another had stored', async (t) => {
  const { portal, one, open, kept } = await openPlace(t)
  const pupil = await pupilAt(one.url)
  for (const path of ['/news/1', '/timetable']) await pupil(path)
  await kept(2)
  const fresh = await open()
  const sameSchool = await pupilAt(fresh.url)
  const news = await sameSchool('/news/1')
  t.equal(news.body, '/news/1 1')
  t.match(news.headers['cache-status'], /^ecluse; hit/)
  t.equal((await sameSchool('/timetable')).body, '/timetable 1')
  t.equal(portal.asked('/news/1') + portal.asked('/timetable'), 2, 'the portal noticed nothing')
  t.equal(await fresh.metric('ecluse_cache_tier_reads_total', '{result="hit"}'), 2)
  t.match((await ask(`${fresh.url}/timetable`, host)).headers['cache-status'], /fwd/)
  t.equal(portal.asked('/timetable'), 2, 'who belongs to no school gets nothing of a school’s')
})

test('switched off, a new process is cold', async (t) => {
  const { portal, one, open } = await openPlace(t, { 'cache.shared': false })
  await ask(`${one.url}/news/1`, host)
  await ask(`${(await open()).url}/news/1`, host)
  t.equal(portal.asked('/news/1'), 2)
})

test('what was purged before a process started is not given by it', async (t) => {
  const { one, open, kept } = await openPlace(t)
  const pupil = await pupilAt(one.url)
  for (const path of ['/timetable', '/news/1', '/news/2']) await pupil(path)
  await kept(3)
  await purgeAt(one, { schools: ['s1'], urls: ['http://ent.example/news/1'] })
  const fresh = await pupilAt((await open()).url)
  t.equal((await fresh('/timetable')).body, '/timetable 2')
  t.equal((await fresh('/news/1')).body, '/news/1 2')
  t.equal((await fresh('/news/2')).body, '/news/2 1', 'the rest is there')
})

test('what a change has purged does not come back from the shared tier', async (t) => {
  const { one, kept } = await openPlace(t)
  await ask(`${one.url}/news/2`, host)
  await kept(1)
  for (let round = 2; round < 12; round += 1) {
    await ask(`${one.url}/news/2`, { ...host, method: 'DELETE' })
    // Before anybody was told.
    const { body } = await ask(`${one.url}/news/2`, host)
    t.equal(body, `/news/2 ${2 * round - 1}`)
  }
})

test('what was changed in Redis is not given, and nobody notices', async (t) => {
  const { one, open, admin, kept } = await openPlace(t)
  for (const path of ['/news/1', '/news/2']) await ask(`${one.url}${path}`, host)
  await kept(2)
  const [first = '', second = ''] = await admin.keys('ecluse:cache:*')
  const bytes = (await admin.getBuffer(first)) as Buffer
  await admin.set(second, bytes, 'PX', 60_000)
  await admin.set(first, bytes.fill(0, 40, 41), 'PX', 60_000)
  const fresh = await open()
  for (const path of ['/news/1', '/news/2']) {
    const answer = await ask(`${fresh.url}${path}`, host)
    t.strictSame([answer.status, answer.body], [200, `${path} 2`])
  }
})

test('with Redis stopped or gone, every answer comes, from memory or the portal', async (t) => {
  const { one, open, redis } = await openPlace(t)
  await ask(`${one.url}/news/1`, host)
  const fresh = await open()
  redis.process.kill('SIGSTOP')
  for (let i = 0; i < 20; i += 1) {
    const answer = await ask(`${fresh.url}/news/${i}`, host)
    t.equal(answer.status, 200)
  }
  redis.process.kill('SIGKILL')
  for (let i = 20; i < 40; i += 1) {
    t.equal((await ask(`${fresh.url}/news/${i}`, host)).status, 200)
  }
  t.match((await ask(`${fresh.url}/news/5`, host)).headers['cache-status'], /hit/)
})
