import { test } from 'tap'
import { systemClock } from '../../core/clock.ts'
import {
  reasonOf,
  receiptOf,
  setUp,
  textOf,
  until,
  writeOf,
} from '../../test/support/absorption.ts'

test('a Redis that is hung, full, read-only or gone is replaced by the spool within the time', async (t) => {
  const { send, redis, client, owed, spool } = await setUp(t, { spool: 'persistent' })
  const level = async (key: string) => {
    const startedAtMs = systemClock.monotonicMs()
    const answer = await send({ key })
    const tookMs = systemClock.monotonicMs() - startedAtMs
    t.ok(tookMs < 2_500, `answered in ${Math.round(tookMs)} ms`)
    return answer?.status === 202 ? receiptOf(answer).durability : reasonOf(answer)
  }
  let stored = 1
  const inQueue = async () => {
    await until(async () => spool?.totals().writes === 0 && (await owed()) === stored)
    t.equal(await level(`key-in-queue-${stored}`), 'queue-fsync')
    stored += 2
  }
  t.equal(await level('key-at-first'), 'queue-fsync')

  redis.process.kill('SIGSTOP')
  t.equal(await level('key-hung'), 'local-fsync')
  redis.process.kill('SIGCONT')
  stored += 1
  await inQueue()

  await client.config('SET', 'maxmemory', '1')
  t.equal(await level('key-full'), 'local-fsync')
  await client.config('SET', 'maxmemory', '0')
  await inQueue()

  await client.replicaof('127.0.0.1', 1)
  t.equal(await level('key-read-only'), 'local-fsync')
  await client.replicaof('NO', 'ONE')
  await inQueue()

  redis.process.kill('SIGKILL')
  t.equal(await level('key-gone'), 'local-fsync')
})

test('while a person’s writes lie in the spool the later ones follow, and arrive in order', async (t) => {
  const { send, client, redis, queue, spool } = await setUp(t, { spool: 'persistent' })
  await client.config('SET', 'maxmemory', '1')
  const first = receiptOf(await send({ key: 'key-0001' }))
  const again = receiptOf(await send({ key: 'key-0001' }))
  t.same(again, first, 'a repeated key gives the same receipt')
  t.equal(reasonOf(await send({ key: 'key-0001', body: 'autre' })), 'idempotency-key-reused')
  redis.process.kill('SIGSTOP')
  const second = receiptOf(await send({ key: 'key-0002' }))
  redis.process.kill('SIGCONT')
  await client.config('SET', 'maxmemory', '0')
  const third = receiptOf(await send({ key: 'key-0003' }))
  await until(() => spool?.totals().writes === 0)
  const mailbox = await client.hget(`{ecluse}:w:${first.id}`, 'mailbox')
  const line = await client.lrange(`{ecluse}:m:${mailbox}`, 0, -1)
  t.same(line, [first.id, second.id, third.id])
  t.equal((await queue.find(first.id))?.acceptedAtMs, first.acceptedAtMs, 'the time of arrival')
})

test('a receipt can be read while its write lies in the spool, by its owner alone', async (t) => {
  const { send, redis, receipts } = await setUp(t, { spool: 'persistent' })
  redis.process.kill('SIGKILL')
  const { id, durability } = receiptOf(await send())
  t.equal(durability, 'local-fsync')
  t.equal(JSON.parse(textOf(await receipts(writeOf({}), id))).status, 'pending')
  t.equal(reasonOf(await receipts(writeOf({ user: 'u2' }), id)), 'receipt-unknown')
})

test('a class that wants the queue’s disk is turned away rather than promised less', async (t) => {
  const { send, redis, spool } = await setUp(t, { spool: 'persistent' })
  redis.process.kill('SIGSTOP')
  const answer = await send({ rules: { durability: 'queue-fsync' } })
  redis.process.kill('SIGCONT')
  t.equal(reasonOf(answer), 'queue-unavailable')
  t.equal(spool?.totals().writes, 0)
})

test('a spool nobody has answered for is promised nothing on', async (t) => {
  const { send } = await setUp(t, { spool: 'undeclared' })
  t.equal(await send(), undefined)
})

test('a full spool gives 503', async (t) => {
  const { send, redis } = await setUp(t, { spool: 'persistent' })
  redis.process.kill('SIGKILL')
  const kinds = new Set<string | undefined>()
  for (let n = 0; n < 800 && kinds.size < 2; n += 1) {
    kinds.add(reasonOf(await send({ key: `key-${n}-abcdef`, body: 'x'.repeat(2_000) })))
  }
  t.same(kinds, new Set(['absorbed', 'queue-unavailable']))
})

test('a key found reused only after the promise becomes a dead letter of its own', async (t) => {
  const { send, redis, client, spool, owed } = await setUp(t, { spool: 'persistent' })
  const { id } = receiptOf(await send({ body: 'first' }))
  redis.process.kill('SIGSTOP')
  t.equal((await send({ body: 'second' }))?.status, 202, 'the queue cannot be asked')
  redis.process.kill('SIGCONT')
  await until(() => spool?.totals().writes === 0)
  t.equal(await owed(), 2)
  const mailbox = await client.hget(`{ecluse}:w:${id}`, 'mailbox')
  const line = await client.lrange(`{ecluse}:m:${mailbox}`, 0, -1)
  const other = line.find((one) => one !== id)
  const job = await client.hget(`{ecluse}:w:${other}`, 'job')
  t.match(JSON.parse(job ?? ''), { parkAs: 'key-reused', keyAtOrigin: other })
})
