import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { systemClock, type WallMs } from '../../core/clock.ts'
import { startPrivateRedis } from '../../queue-workers/private-redis-process.ts'
import { exchangeFor } from './exchange.ts'
import type { Answer, Exchange, Next } from '../../gateway/exchange.ts'
import { initKeys, loadKeys } from '../../gateway/keys/key-store.ts'
import type { GatewayMeter } from '../../gateway/metrics.ts'
import { type RouteClass, unknownClass, type WriteRules } from '../../gateway/policy/policy.ts'
import { redisClient } from '../../gateway/redis-client.ts'
import { openDurableQueue } from '../../gateway/write-absorption/durable-queue.ts'
import { buildReceiptRoute } from '../../gateway/write-absorption/receipt-route.ts'
import { openSpool } from '../../gateway/write-absorption/spool-client.ts'
import { buildWriteAbsorptionStage } from '../../gateway/write-absorption/stage.ts'

const handIn: RouteClass = {
  ...unknownClass,
  name: 'hand-in',
  deadlineMs: 5_000,
  write: {
    authority: 'on-behalf',
    outcome: 'dedupes',
    success: [201],
    answer: 'receipt',
    when: 'always',
    answerWithinMs: 2_500,
    keeps: 'all',
    durability: 'local-fsync',
    maxBodyBytes: 2_000,
    backlogMaxSeconds: 60,
  },
}

interface SetUp {
  readonly appendfsync?: 'always' | 'everysec'
  readonly requireDurable?: 'required' | 'declared'
  readonly spool?: 'persistent' | 'undeclared' | 'none'
}

/** The stage over a real Redis and, if wanted, a real spool. */
export async function setUp(t: Test, change: SetUp = {}) {
  const { appendfsync = 'always', requireDurable = 'required', spool: spoolIs = 'none' } = change
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-absorption-'))
  initKeys(join(folder, 'keys'))
  const keys = loadKeys(join(folder, 'keys'))
  const redis = await startPrivateRedis(appendfsync)
  const client = redisClient(redis.address, 200)
  await client.connect()
  const queue = openDurableQueue(client, () => systemClock.wallMs())
  const spoolFacts = { folder: join(folder, 'spool'), maxBytes: 1e6 }
  const spool = spoolIs === 'none' ? null : await openSpool(spoolFacts)
  const lines: string[] = []
  const figures = new Map<string, number>()
  const meter: GatewayMeter = {
    count: (name) => void figures.set(name, (figures.get(name) ?? 0) + 1),
    set: (name, _, value) => void figures.set(name, value),
    observe: () => undefined,
    observeAlike: () => undefined,
  }
  const absorption = buildWriteAbsorptionStage({
    clock: systemClock,
    meter,
    queue,
    spool,
    spoolIs: spoolIs === 'undeclared' ? 'undeclared' : 'persistent',
    keys,
    requireDurable,
    note: (line) => void lines.push(line),
  })
  await absorption.looked
  const receipts = buildReceiptRoute({ find: absorption.find, keys })
  t.teardown(async () => {
    await absorption.close()
    await spool?.close()
    client.disconnect()
    await redis.stop()
    rmSync(folder, { recursive: true })
  })
  const send = (write: WriteChange = {}, origin: Next = unasked) =>
    absorption.stage(writeOf(write), origin)
  const owed = async () => (await queue.backlog()).writes
  return { send, receipts, keys, redis, client, queue, lines, figures, absorption, spool, owed }
}

interface WriteChange {
  readonly user?: string
  readonly key?: string
  readonly body?: string
  readonly accept?: string
  readonly wallAtMs?: number
  /** Beside what the class of these tests says. */
  readonly rules?: Partial<WriteRules>
}

const unasked: Next = () => Promise.reject(new Error('the origin was asked'))

export function writeOf(write: WriteChange): Exchange {
  const { user = 'u1', key = 'key-0001', body = 'mon devoir', accept = '*/*' } = write
  return {
    ...exchangeFor({
      method: 'POST',
      target: '/api/homework/1/submissions',
      headers: { 'idempotency-key': key, 'content-type': 'text/plain', accept },
      routeClass: { ...handIn, write: { ...(handIn.write as WriteRules), ...write.rules } },
      body: (async function* () {
        yield new TextEncoder().encode(body)
      })(),
      identity: { principal: { user, school: 's1', role: 'pupil', groups: ['c1'] } },
    }),
    startedAtMs: systemClock.monotonicMs(),
    wallAtMs: (write.wallAtMs ?? systemClock.wallMs()) as WallMs,
  }
}

export const textOf = (answer: Answer | undefined) =>
  new TextDecoder().decode(answer?.body as Uint8Array)
export const receiptOf = (answer: Answer | undefined) => JSON.parse(textOf(answer)).receipt
export const reasonOf = (answer: Answer | undefined) =>
  answer?.outcome.kind === 'turned-away' ? answer.outcome.reason : answer?.outcome.kind

/** Polls until it is so; the test's own time limit ends it otherwise. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}
