import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { systemClock, type WallMs } from '../../core/clock.ts'
import { startPrivateRedis } from '../../queue-workers/private-redis-process.ts'
import { exchangeFor } from '../../test/support/exchange.ts'
import type { Answer, Exchange } from '../exchange.ts'
import { initKeys, loadKeys } from '../keys/key-store.ts'
import type { GatewayMeter } from '../metrics.ts'
import { type RouteClass, unknownClass } from '../policy/policy.ts'
import { redisClient } from '../redis-client.ts'
import { openDurableQueue } from './durable-queue.ts'
import { signedText } from './receipt.ts'
import { buildReceiptRoute } from './receipt-route.ts'
import { buildWriteAbsorptionStage } from './stage.ts'

const handIn: RouteClass = {
  ...unknownClass,
  name: 'hand-in',
  deadlineMs: 1_000,
  write: {
    authority: 'on-behalf',
    outcome: 'dedupes',
    success: [201],
    answer: 'receipt',
    maxBodyBytes: 2_000,
    backlogMaxSeconds: 60,
  },
}

async function setUp(
  t: Test,
  appendfsync: 'always' | 'everysec' = 'always',
  requireDurable: 'required' | 'declared' = 'required',
) {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-absorption-'))
  initKeys(join(folder, 'keys'))
  const keys = loadKeys(join(folder, 'keys'))
  const redis = await startPrivateRedis(appendfsync)
  const client = redisClient(redis.address, 200)
  await client.connect()
  const queue = openDurableQueue(client)
  const lines: string[] = []
  const figures = new Map<string, number>()
  const meter: GatewayMeter = {
    count: (name) => void figures.set(name, (figures.get(name) ?? 0) + 1),
    set: (name, _, value) => void figures.set(name, value),
    observe: () => undefined,
  }
  const absorption = buildWriteAbsorptionStage({
    clock: systemClock,
    meter,
    queue,
    keys,
    requireDurable,
    note: (line) => void lines.push(line),
  })
  await absorption.looked
  const receipts = buildReceiptRoute({ queue, keys })
  t.teardown(async () => {
    absorption.close()
    client.disconnect()
    await redis.stop()
    rmSync(folder, { recursive: true })
  })
  const send = (write: WriteChange = {}) => absorption.stage(writeOf(write))
  return { send, receipts, keys, redis, client, queue, lines, figures, absorption }
}

interface WriteChange {
  readonly user?: string
  readonly key?: string
  readonly body?: string
  readonly accept?: string
  readonly wallAtMs?: number
}

function writeOf(write: WriteChange): Exchange {
  const { user = 'u1', key = 'key-0001', body = 'mon devoir', accept = '*/*' } = write
  return {
    ...exchangeFor({
      method: 'POST',
      target: '/api/homework/1/submissions',
      headers: { 'idempotency-key': key, 'content-type': 'text/plain', accept },
      routeClass: handIn,
      body: (async function* () {
        yield new TextEncoder().encode(body)
      })(),
      identity: { principal: { user, school: 's1', role: 'pupil', groups: ['c1'] } },
    }),
    startedAtMs: systemClock.monotonicMs(),
    wallAtMs: (write.wallAtMs ?? systemClock.wallMs()) as WallMs,
  }
}

const textOf = (answer: Answer | undefined) => new TextDecoder().decode(answer?.body as Uint8Array)
const receiptOf = (answer: Answer | undefined) => JSON.parse(textOf(answer)).receipt
const reasonOf = (answer: Answer | undefined) =>
  answer?.outcome.kind === 'turned-away' ? answer.outcome.reason : answer?.outcome.kind

test('a stored write gets a signed receipt that only its owner can read again', async (t) => {
  const { send, receipts, keys, client, figures } = await setUp(t)
  const answer = await send()
  t.equal(answer?.status, 202)
  const { signature, ...receipt } = receiptOf(answer)
  const [, kid, mac] = signature.split('.')
  t.ok(keys.verify(kid, signedText(receipt), mac))
  t.equal(receipt.durability, 'queue-fsync')
  t.ok(answer?.headers.includes(`/.ecluse/receipts/${receipt.id}`))
  t.equal(figures.get('ecluse_writes_absorbed_total'), 1)

  const own = await receipts(writeOf({}), receipt.id)
  t.equal(JSON.parse(textOf(own)).status, 'pending')
  t.equal(reasonOf(await receipts(writeOf({ user: 'u2' }), receipt.id)), 'receipt-unknown')
  t.equal(reasonOf(await receipts(writeOf({}), 'w1-x')), 'receipt-unknown')
  const page = textOf(await receipts(writeOf({ accept: 'text/html' }), receipt.id))
  t.match(page, /<html lang="fr">/)

  const lane = Number.parseInt(receipt.id[1], 16)
  const stored = await client.hgetall(`{ecluse}:writes-${lane}:${receipt.id}`)
  t.ok(stored['data'])
  for (const secret of ['mon devoir', 'key-0001', '"u1"', 'submissions', receipt.bodyHash]) {
    t.notOk(JSON.stringify(stored).includes(secret), `${secret} does not lie in clear in the queue`)
  }
})

test('people who navigate get a page', async (t) => {
  const { send } = await setUp(t)
  const answer = await send({ accept: 'text/html' })
  t.equal(answer?.status, 202)
  t.match(textOf(answer), /Votre envoi est enregistré/)
})

test('a repeated key gives the same receipt, another content under it is rejected', async (t) => {
  const { send, absorption, queue, figures } = await setUp(t)
  const first = receiptOf(await send())
  t.same(receiptOf(await send()), first)
  t.equal(reasonOf(await send({ body: 'autre chose' })), 'idempotency-key-reused')
  t.not(receiptOf(await send({ user: 'u2' })).id, first.id, 'another person’s key is another key')
  const both = await Promise.all([
    send({ key: 'key-0002', body: 'a' }),
    send({ key: 'key-0002', body: 'b' }),
  ])
  t.same(new Set(both.map((answer) => answer?.status)), new Set([202, 422]), 'also at once')
  const owed = (await queue.backlog()).reduce((sum, lane) => sum + lane.writes, 0)
  t.equal(owed, 3)
  t.equal(figures.get('ecluse_writes_absorbed_total'), 3)
  t.ok(absorption.backlog())
})

test('a hung Redis gives 503 in time, and the same key afterwards does not double', async (t) => {
  const { send, redis, queue } = await setUp(t)
  redis.process.kill('SIGSTOP')
  const startedAtMs = systemClock.monotonicMs()
  const hung = await send()
  const tookMs = systemClock.monotonicMs() - startedAtMs
  redis.process.kill('SIGCONT')
  t.equal(reasonOf(hung), 'queue-unavailable')
  t.ok(tookMs < 2_500, `took ${tookMs} ms`)
  let answer = await send()
  while (answer?.status !== 202) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    answer = await send()
  }
  const owed = (await queue.backlog()).reduce((sum, lane) => sum + lane.writes, 0)
  t.equal(owed, 1)
})

test('a Redis that syncs once a second is promised nothing on, and the operator is told', async (t) => {
  const weak = await setUp(t, 'everysec')
  t.equal(await weak.send(), undefined)
  t.match(weak.lines.join('\n'), /appendfsync must be always and is everysec/)
  const declared = await setUp(t, 'everysec', 'declared')
  t.equal(receiptOf(await declared.send()).durability, 'declared')
})

test('no promise is made on a queue that is too far behind, older promises stand', async (t) => {
  const { send, absorption } = await setUp(t)
  const wallAtMs = systemClock.wallMs() - 120_000
  const first = await send({ wallAtMs })
  t.equal(first?.status, 202)
  // The next look sees how old it is.
  while (absorption.backlog().every((lane) => lane.writes === 0)) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  t.equal(reasonOf(await send({ key: 'key-0002' })), 'backlog-too-old')
  t.same(receiptOf(await send()), receiptOf(first))
  t.equal(reasonOf(await send({ body: 'autre chose' })), 'idempotency-key-reused')
})

test('a body that turns out too large is rejected', async (t) => {
  const { send } = await setUp(t)
  t.equal(reasonOf(await send({ body: 'x'.repeat(2_001) })), 'body-too-large')
  t.equal((await send({ body: 'x'.repeat(2_000) }))?.status, 202)
})
