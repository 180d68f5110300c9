import type { Redis } from 'ioredis'
import { test } from 'tap'
import type { MonotonicMs, WallMs } from '../../core/clock.ts'
import { type PrivateRedis, startPrivateRedis } from '../../queue-workers/private-redis-process.ts'
import { redisClient } from '../redis-client.ts'
import { type PurgeTag, resourceTag } from './purge-tags.ts'
import { PurgeView } from './purge-view.ts'
import { sharedTier } from './shared-tier-store.ts'
import type { TierRead } from './shared-tier.ts'
import { type ContractStore, sampleEntry, storeClaims } from './store-contract.ts'
import type { StoredAnswer } from './stored-answer.ts'

type Teardown = { teardown(act: () => unknown): unknown }
const secret = new Uint8Array(32).fill(7)
const key = 'public\nbr\nhttps://ent.example/a?'

async function startRedis(t: Teardown): Promise<{ server: PrivateRedis; redis: Redis }> {
  const server = await startPrivateRedis()
  const redis = redisClient(server.address, 1000)
  await redis.connect()
  t.teardown(async () => {
    redis.disconnect()
    await server.stop()
  })
  return { server, redis }
}

/** One process's tier: its clock stands where it is put, and it has read the purges it is told. */
function openTier(
  redis: Redis,
  changes: { readonly nowMs?: number; readonly secret?: Uint8Array } = {},
) {
  const nowMs = changes.nowMs ?? 0
  const view = new PurgeView('self')
  let number = 0
  const take = (tags: readonly PurgeTag[] | null = null, epoch = 'e1'): void => {
    if (tags !== null) number += 1
    const purges = tags === null ? [] : [{ number, by: 'other', tags }]
    view.take({ epoch, first: 1, last: number, purges }, nowMs as MonotonicMs)
  }
  take()
  const reads: TierRead[] = []
  const beganAtMs = performance.now()
  const tier = sharedTier({
    redis,
    secret: changes.secret ?? secret,
    clock: {
      monotonicMs: () => (nowMs + performance.now() - beganAtMs) as MonotonicMs,
      wallMs: () => 0 as WallMs,
    },
    entryMaxBytes: 2 ** 20,
    purges: {
      get position() {
        return view.position
      },
      isBlind: () => view.isBlind(nowMs as MonotonicMs),
      isUnpurged: (since, tags) => view.isUnpurged(since, tags),
    },
    onRead: (result) => reads.push(result),
  })
  const set = (at: string, entry: StoredAnswer) => tier.write(at, entry, view.position)
  return { ...tier, set, take, view, reads }
}

test('the shared tier', async (t) => {
  const { redis } = await startRedis(t)
  for (const { claim, observe, expect } of storeClaims) {
    const tier = openTier(redis)
    const store: ContractStore = {
      get: (at) => tier.read(at),
      set: tier.set,
      delete: (at) => tier.delete(at),
      purge: (tag) => tier.take([tag]),
    }
    t.strictSame(await observe(store), expect, claim)
    await redis.flushall()
  }
})

test('an entry comes back whole, its instants laid on the reader’s own clock', async (t) => {
  const { redis } = await startRedis(t)
  const entry = sampleEntry('https://ent.example/a', 1000, '"news"')
  openTier(redis).set(key, entry)
  const found = await openTier(redis, { nowMs: 5_000_000 }).read(key)
  t.strictSame(found?.lines, entry.lines)
  t.strictSame(found?.groups, ['news'])
  t.strictSame(Buffer.from(found?.body ?? []), Buffer.from(entry.body))
  const lefts = [entry.freshUntilMs, (found?.freshUntilMs ?? 0) - 5_000_000]
  t.ok(Math.abs((lefts[0] ?? 0) - (lefts[1] ?? 0)) < 2000, `fresh until ${lefts.join(' and ')}`)
  const [name = ''] = await redis.keys('*')
  const ttlMs = await redis.pttl(name)
  t.ok(ttlMs > 0 && ttlMs <= entry.errorUntilMs, 'it expires with its last use')
})

test('who reads that Redis learns nothing, and what is changed there is not given', async (t) => {
  const { redis } = await startRedis(t)
  const entry = sampleEntry('https://ent.example/secret-place', 0)
  const other = 'public\nbr\nhttps://ent.example/b?'
  const tier = openTier(redis)
  tier.set(key, { ...entry, body: Buffer.from('secret words') })
  tier.set(other, sampleEntry('https://ent.example/b'))
  t.ok(await tier.read(key))
  const names = await redis.keys('*')
  const sealed = await Promise.all(names.map((name) => redis.getBuffer(name)))
  t.notMatch(
    `${names.join()} ${Buffer.concat(sealed as Buffer[]).toString('latin1')}`,
    /secret|ent\.example|public/,
  )
  const [name = '', second = ''] = names
  const bytes = sealed[0] as Buffer
  const changes: [string, Buffer][] = [
    ['another entry’s record', sealed[1] as Buffer],
    ['a changed byte', Buffer.from(bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)))],
    ['another version', Buffer.from(bytes.map((byte, at) => (at === 0 ? 9 : byte)))],
    ['a cut one', bytes.subarray(0, 20)],
    ['an empty one', Buffer.alloc(0)],
  ]
  for (const [what, changed] of changes) {
    await redis.set(name, changed, 'PX', 60_000)
    await redis.set(second, changed, 'PX', 60_000)
    const reader = openTier(redis)
    const found = [await reader.read(key), await reader.read(other)]
    t.ok(found.includes(null), what)
    t.ok(reader.reads.includes('unreadable'), what)
  }
  tier.set(key, entry)
  const stranger = openTier(redis, { secret: new Uint8Array(32).fill(8) })
  t.equal(await stranger.read(key), null, 'another edge’s key')
})

test('what may have been purged since it was fetched is not given', async (t) => {
  const { redis } = await startRedis(t)
  const entry = sampleEntry('https://ent.example/a', 10, '"news"')
  const writer = openTier(redis)
  writer.set(key, entry)
  const reader = openTier(redis)
  t.ok(await reader.read(key))
  reader.take([resourceTag('https://ent.example/b')])
  t.ok(await reader.read(key), 'something else was')
  reader.take([resourceTag('https://ent.example/a')])
  t.equal(await reader.read(key), null, 'by the time it was written the purge had not been read')
  reader.set(key, entry)
  t.ok(await reader.read(key), 'fetched after the purge')
  reader.take(null, 'e2')
  t.equal(await reader.read(key), null, 'the stream began anew')
  t.strictSame(reader.reads, ['hit', 'hit', 'purged', 'hit', 'purged'])
})

test('nothing of one person goes there', async (t) => {
  const { redis } = await startRedis(t)
  const tier = openTier(redis)
  for (const scope of ['user u1', 'private', '', 'session 1']) {
    tier.set(`${scope}\nbr\nhttps://ent.example/a?`, sampleEntry('https://ent.example/a'))
  }
  t.strictSame(await redis.keys('*'), [])
})

test('a Redis that stands still is waited for once, then left alone', async (t) => {
  const { server, redis } = await startRedis(t)
  const tier = openTier(redis)
  tier.set(key, sampleEntry('https://ent.example/a'))
  t.ok(await tier.read(key))
  server.process.kill('SIGSTOP')
  for (let i = 0; i < 20; i += 1) t.equal(await tier.read(key), null)
  t.strictSame(new Set(tier.reads.slice(1)), new Set(['away']))
  server.process.kill('SIGCONT')
  const latestMs = performance.now() + 5000
  while ((await tier.read(key)) === null && performance.now() < latestMs) await redis.ping()
  t.ok(await tier.read(key), 'and used again when it goes on')
})
