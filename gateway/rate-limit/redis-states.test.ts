import { connect, createServer, type Socket } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { t as root, test } from 'tap'
import { systemClock } from '../../core/clock.ts'
import { silentMeter } from '../../core/metric-catalogue.ts'
import { type PrivateRedis, startPrivateRedis } from '../../queue-workers/private-redis-process.ts'
import { exchangeFor } from '../../test/support/exchange.ts'
import type { gatewayMetrics } from '../metrics.ts'
import { redisClient } from '../redis-client.ts'
import { buildRateLimitStage } from './stage.ts'

root.setTimeout(120_000)

/** A way to a Redis that can be made slow: what it says arrives two seconds late. */
async function slowableRoad(address: string) {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-road-'))
  const sockets = new Set<Socket>()
  let lateMs = 0
  const server = createServer((near) => {
    const far = connect(address)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    near.on('data', (part) => far.write(part))
    far.on('data', (part) => setTimeout(() => near.write(part), lateMs))
    far.on('close', () => near.destroy())
  })
  const path = join(folder, 's')
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    path,
    slow: () => (lateMs = 2_000),
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const troubles: Readonly<Record<string, (facts: Trouble) => unknown>> = {
  stopped: ({ redis }) => redis.process.kill('SIGKILL'),
  paused: ({ redis }) => redis.process.kill('SIGSTOP'),
  'two seconds late': ({ slow }) => slow(),
  'read-only': ({ admin }) => admin('REPLICAOF', '127.0.0.1', '1'),
  'asking for a password': ({ admin }) => admin('ACL', 'SETUSER', 'default', '-@all'),
}

interface Trouble {
  readonly redis: PrivateRedis
  slow(): unknown
  admin(command: string, ...parameters: string[]): Promise<unknown>
}

for (const [what, cause] of Object.entries(troubles)) {
  test(`with Redis ${what}, requests are answered and limits hold`, async (t) => {
    const redis = await startPrivateRedis()
    const road = await slowableRoad(redis.address)
    const [client, admin] = [redisClient(road.path, 1_000), redisClient(redis.address, 1_000)]
    t.teardown(async () => {
      client.disconnect()
      admin.disconnect()
      road.close()
      await redis.stop()
    })
    await Promise.all([client.connect(), admin.connect()])
    const meter = silentMeter<typeof gatewayMetrics>()
    const nameKey = new Uint8Array(32)
    const stage = buildRateLimitStage({
      redis: client,
      nameKey,
      clock: systemClock,
      meter,
      processes: 1,
    })
    const wide = { perMinute: 1e6, burst: 1e6 }
    const account = { perMinute: 1, burst: 40 }
    const policy = { limits: { account, address: wide, addressPerSession: wide } }
    const principal = { user: 'u1', school: null, role: null, groups: [] }
    const served = async (requests: number): Promise<number> => {
      const ask = () => stage(exchangeFor({ policy, identity: { principal } }))
      const answers = await Promise.all(Array.from({ length: requests }, ask))
      t.ok(answers.every((answer) => answer === undefined || answer.status === 429))
      return answers.filter((answer) => answer === undefined).length
    }
    t.equal(await served(30), 30, 'most of the burst is used up while Redis answers')
    await cause({ redis, slow: road.slow, admin: (name, ...rest) => admin.call(name, ...rest) })
    let more = 0
    for (let round = 0; round < 10; round += 1) more += await served(20)
    // What is known of the account goes on: ten are left, and one a minute.
    t.ok(more >= 10 && more <= 20, `${more} of the ten that were left`)
  })
}
