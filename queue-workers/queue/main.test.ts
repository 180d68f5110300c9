import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import type { WallMs } from '../../core/clock.ts'
import { initKeys, loadKeys } from '../../gateway/keys/key-store.ts'
import { redisClient } from '../../gateway/redis-client.ts'
import { composeWrite } from '../../gateway/write-absorption/compose-write.ts'
import { openDurableQueue } from '../../gateway/write-absorption/durable-queue.ts'
import { ecluse } from '../../test/support/ecluse.ts'
import { writeOf } from '../../test/support/absorption.ts'
import { startPrivateRedis } from '../private-redis-process.ts'
import { startWorkers } from '../worker-process.ts'

/** A worker before a portal that lets nobody write until it is told to. */
async function setUp(t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-queue-'))
  const keysFolder = join(folder, 'keys')
  initKeys(keysFolder)
  const keys = loadKeys(keysFolder)
  const redis = await startPrivateRedis()
  const client = redisClient(redis.address, 2_000)
  await client.connect()
  const portal = { mayWrite: false, applied: 0 }
  const server = createServer((request, response) => {
    request.resume()
    if (portal.mayWrite) portal.applied += 1
    response.writeHead(portal.mayWrite ? 201 : 403).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const settings = {
    'redis.durable': redis.address,
    'keys.folder': keysFolder,
    'internal.url': `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    'workers.concurrency': 4,
    'workers.port': 0,
    'workers.attemptTimeoutMs': 5_000,
    'workers.lockMs': 10_000,
  }
  const worker = await startWorkers(settings, () => undefined)
  t.teardown(async () => {
    await worker.drain()
    client.disconnect()
    server.closeAllConnections()
    server.close()
    await redis.stop()
    rmSync(folder, { recursive: true })
  })
  const exchange = { ...writeOf({}), wallAtMs: Date.now() as WallMs }
  const { principal } = exchange.identity
  const { write: rules } = exchange.routing.routeClass
  if (principal === null || rules === undefined) throw new Error('expected a write')
  const write = composeWrite(exchange, {
    intake: { kind: 'take', key: 'key-0001', principal, rules, bodyBytesAtMost: 10 },
    body: Buffer.from('mon devoir'),
    seal: (plain) => keys.seal(plain),
    principalId: (user) => keys.principalId(user),
    digest: (data) => createHash('sha256').update(data).digest('hex'),
  })
  const where = ['--url', worker.url, '--keys', keysFolder, '--by', 'Anaïs']
  const ask = (...words: string[]) => ecluse('queue', ...words, ...where)
  return { queue: openDurableQueue(client, () => Date.now()), portal, write, ask }
}

test('operators pause the queue, empty it and drive again, and all is written down', async (t) => {
  const { queue, portal, write, ask } = await setUp(t)
  t.match(await ask('pause'), { status: 0 })
  await queue.append(write)
  t.match(await ask('status'), { stdout: /"backlog":1.*"isPaused":true/ })
  t.match(await ask('drain'), { status: 1, stderr: /paused/ }, 'it would never end')
  t.match(await ask('resume'), { status: 0 })
  t.match(await ask('drain'), { status: 0, stdout: /nothing is owed/ })
  const listed = await ask('list')
  t.match(listed.stdout, new RegExp(write.id))
  t.notMatch(listed.stdout, /mon devoir|submissions/, 'never what was written')
  portal.mayWrite = true
  t.match(await ask('redrive', '--reason', 'authority-lost'), { stdout: /"redriven":1/ })
  await ask('drain')
  t.equal(portal.applied, 1)
  const audit = JSON.parse((await ask('audit')).stdout) as { who: string; did: string }[]
  t.same(
    audit.map(({ who, did }) => `${who}: ${did}`),
    [
      'Anaïs: 1 dead letters authority-lost driven again',
      'Anaïs: queue resumed',
      'Anaïs: queue paused',
    ],
  )
  t.match(await ask('redrive', 'w0'), { status: 1, stderr: /404/ })
  t.match(await ecluse('queue', 'pause'), { status: 2, stderr: /--url and --keys/ })
})
