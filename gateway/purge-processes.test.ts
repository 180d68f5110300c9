import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { startPrivateRedis } from '../queue-workers/private-redis-process.ts'
import { ask, until } from '../test/support/client.ts'
import { endOf, startEcluse } from '../test/support/ecluse.ts'
import { openOrigin } from '../test/support/origin.ts'
import { countingPortal, pupilAt, purgeAt, sharingPolicy } from '../test/support/shared-portal.ts'
import { initKeys, loadKeys } from './keys/key-store.ts'

/** An edge as a process of its own. */
async function startEdge(flags: Readonly<Record<string, string>>) {
  const child = startEcluse(
    'gateway',
    ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    '--stop-with-parent',
  )
  const ended = endOf(child)
  const [line] = (await once(child.stdout, 'data')) as [string]
  const { url, operationsUrl } = JSON.parse(line) as Record<'url' | 'operationsUrl', string>
  const keys = loadKeys(String(flags['keys.folder']))
  return { url, operationsUrl, keys, child, ended, name: String(child.pid) }
}

test('of two edge processes, the one that stands still is named, and drops what was purged when it goes on', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-purge-'))
  const keysFolder = join(folder, 'keys')
  initKeys(keysFolder)
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(sharingPolicy))
  const portal = countingPortal()
  const [origin, redis] = await Promise.all([openOrigin(portal.answer), startPrivateRedis()])
  const flags = {
    'listen.port': '0',
    'operations.port': '0',
    'internal.port': '0',
    'drain.seconds': '0',
    'origin.url': origin.url,
    'redis.volatile': redis.address,
    'keys.folder': keysFolder,
    'policy.file': join(folder, 'policy.json'),
  }
  const [one, other] = await Promise.all([startEdge(flags), startEdge(flags)])
  t.teardown(async () => {
    for (const { child } of [one, other]) child.kill('SIGKILL')
    await Promise.all([one.ended, other.ended])
    await Promise.all([origin.close(), redis.stop()])
    rmSync(folder, { recursive: true })
  })
  const pupil = await pupilAt(other.url)
  for (const path of ['/timetable', '/news/1']) await pupil(path)

  const both = JSON.parse((await purgeAt(one, { schools: ['s1'] })).body)
  t.equal(both.reached.length, 2)
  t.equal((await pupil('/timetable')).body, '/timetable 2')

  other.child.kill('SIGSTOP')
  const answer = await purgeAt(one, { schools: ['s1'] })
  t.equal(answer.status, 202)
  const { reached, notReached } = JSON.parse(answer.body)
  t.match(
    reached,
    [`:${one.child.pid}:`].map((part) => new RegExp(part)),
  )
  t.match(
    notReached,
    [`:${other.child.pid}:`].map((part) => new RegExp(part)),
  )

  other.child.kill('SIGCONT')
  const isDropped = async () => (await pupil('/timetable')).body === '/timetable 3'
  await until(isDropped)
  t.ok(await isDropped())
  t.match((await pupil('/news/1')).headers['cache-status'], /hit/, 'the rest is untouched')

  other.child.kill('SIGTERM')
  await other.ended
  const alone = await purgeAt(one, { schools: ['s1'] })
  t.equal(alone.status, 200, 'who has ended in order is not waited for')
  t.equal((await ask(`${one.url}/.ecluse/health`)).status, 200)
})
