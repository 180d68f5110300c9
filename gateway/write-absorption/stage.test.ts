import { createPublicKey, verify } from 'node:crypto'
import { test } from 'tap'
import { systemClock } from '../../core/clock.ts'
import type { PublishedKey } from '../keys/receipt-keys-store.ts'
import { type Receipt, signedText } from './receipt.ts'
import { reasonOf, receiptOf, setUp, textOf, writeOf } from '../../test/support/absorption.ts'

/** As somebody does who has the receipt and the published keys, and nothing else of ours. */
function isSigned(published: readonly PublishedKey[], receipt: Receipt, signature: string) {
  const [version, kid, text = ''] = signature.split('.')
  const jwk = published.find((key) => key.kid === kid)
  if (version !== 'v2' || jwk === undefined) return false
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
  return verify(null, Buffer.from(signedText(receipt)), key, Buffer.from(text, 'base64url'))
}

test('a stored write gets a signed receipt that only its owner can read again', async (t) => {
  const { send, receipts, keys, client, figures } = await setUp(t)
  const answer = await send()
  t.equal(answer?.status, 202)
  const { signature, ...receipt } = receiptOf(answer)
  t.ok(isSigned(keys.receipts.published, receipt, signature))
  t.notOk(isSigned(keys.receipts.published, { ...receipt, acceptedAtMs: 0 }, signature))
  t.equal(receipt.durability, 'queue-fsync')
  t.ok(answer?.headers.includes(`/.ecluse/receipts/${receipt.id}`))
  t.equal(figures.get('ecluse_writes_absorbed_total'), 1)

  const own = await receipts(writeOf({}), receipt.id)
  t.equal(JSON.parse(textOf(own)).status, 'pending')
  t.equal(reasonOf(await receipts(writeOf({ user: 'u2' }), receipt.id)), 'receipt-unknown')
  t.equal(reasonOf(await receipts(writeOf({}), 'w1')), 'receipt-unknown')
  const page = textOf(await receipts(writeOf({ accept: 'text/html' }), receipt.id))
  t.match(page, /<html lang="fr">/)

  const stored = await client.hgetall(`{ecluse}:w:${receipt.id}`)
  t.ok(stored['payload'])
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
  const { writes: owed } = await queue.backlog()
  t.equal(owed, 3)
  t.equal(figures.get('ecluse_writes_absorbed_total'), 3)
  t.ok(absorption.backlog())
})

test('without a spool a hung Redis gives 503 in time, and the same key afterwards does not double', async (t) => {
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
  const { writes: owed } = await queue.backlog()
  t.equal(owed, 1)
})

test('a Redis that syncs once a second is promised nothing on, and the operator is told', async (t) => {
  const weak = await setUp(t, { appendfsync: 'everysec' })
  t.equal(await weak.send(), undefined)
  t.match(weak.lines.join('\n'), /appendfsync must be always and is everysec/)
  const declared = await setUp(t, { appendfsync: 'everysec', requireDurable: 'declared' })
  t.equal(receiptOf(await declared.send()).durability, 'declared')
})

test('no promise is made on a queue that is too far behind, older promises stand', async (t) => {
  const { send, absorption } = await setUp(t)
  const first = await send()
  t.equal(first?.status, 202)
  // The next look sees how old it is.
  while (absorption.backlog().writes === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const wallAtMs = systemClock.wallMs() + 120_000
  t.equal(reasonOf(await send({ key: 'key-0002', wallAtMs })), 'backlog-too-old')
  t.same(receiptOf(await send({ wallAtMs })), receiptOf(first))
  t.equal(reasonOf(await send({ body: 'autre chose', wallAtMs })), 'idempotency-key-reused')
})

test('a body that turns out too large is rejected', async (t) => {
  const { send } = await setUp(t)
  t.equal(reasonOf(await send({ body: 'x'.repeat(2_001) })), 'body-too-large')
  t.equal((await send({ body: 'x'.repeat(2_000) }))?.status, 202)
})
