import { type Test, test } from 'tap'
import type { Answer, BodySource, Next } from '../exchange.ts'
import {
  reasonOf,
  receiptOf,
  setUp,
  textOf,
  until,
  writeOf,
} from '../../test/support/absorption.ts'
import { turnAway } from '../turned-away.ts'

const rules = { when: 'surge', answerWithinMs: 20_000 } as const
const impatient = { ...rules, answerWithinMs: 100 }

/** An origin that answers when it is told to. */
function openOrigin(status = 201) {
  const asked: string[] = []
  const gate = Promise.withResolvers<void>()
  const next: Next = async ({ request }) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request.body ?? []) chunks.push(chunk)
    asked.push(`${String(request.headers['idempotency-key'])} ${Buffer.concat(chunks).toString()}`)
    await gate.promise
    return originAnswer(status)
  }
  return { asked, next, answers: () => gate.resolve() }
}

function originAnswer(status: number, text = 'rendu'): Answer {
  const body: BodySource = {
    start: (sink) => {
      sink.write(Buffer.from(text))
      sink.end()
    },
    cancel: () => undefined,
  }
  const headers = [
    'Content-Length',
    String(text.length),
    'Location',
    '/devoirs/7',
    'Set-Cookie',
    's=1',
  ]
  return { status, headers, body, outcome: { kind: 'served', from: 'origin' } }
}

async function statusOf(parts: Awaited<ReturnType<typeof setUp>>, key = 'key-0001') {
  const { id } = receiptOf(await parts.send({ key, rules: { when: 'always' } }))
  return (await parts.queue.find(id))?.status
}

test('in quiet hours people get the origin’s own answer, once and again', async (t) => {
  const parts = await setUp(t)
  const origin = openOrigin()
  origin.answers()
  const answer = await parts.send({ rules, key: '"key-0001"' }, origin.next)
  t.equal(answer?.status, 201)
  t.match(answer?.headers, ['Content-Length', '5', 'Location', '/devoirs/7', 'Set-Cookie', 's=1'])
  t.same(origin.asked, ['key-0001 mon devoir'], 'with the key as workers would send it')
  const again = await parts.send({ rules }, origin.next)
  t.equal(again?.status, 201)
  t.equal(textOf(again), 'rendu')
  t.ok(again?.headers.includes('/devoirs/7'))
  t.notOk(again?.headers.includes('s=1'), 'what is about the session is not kept')
  t.equal(origin.asked.length, 1)
  t.equal(await parts.owed(), 0)
  const other = await parts.send({ rules, body: 'autre chose' }, origin.next)
  t.equal(reasonOf(other), 'idempotency-key-reused')
})

test('who would wait too long gets the receipt, and the one attempt goes on', async (t) => {
  const parts = await setUp(t)
  const origin = openOrigin()
  const answer = await parts.send({ rules: impatient }, origin.next)
  t.equal(answer?.status, 202)
  t.equal(await parts.owed(), 1)
  origin.answers()
  await until(async () => (await parts.owed()) === 0)
  t.equal((await parts.queue.find(receiptOf(answer).id))?.status.kind, 'applied')
  t.equal(origin.asked.length, 1)
})

test('the same key at the same time is told that it is being handled', async (t) => {
  const { send } = await setUp(t)
  const origin = openOrigin()
  const first = send({ rules }, origin.next)
  await until(() => origin.asked.length === 1)
  const second = await send({ rules }, origin.next)
  t.equal(second?.status, 409)
  t.equal(reasonOf(second), 'write-in-progress')
  origin.answers()
  t.equal((await first)?.status, 201)
  t.equal(origin.asked.length, 1)
})

test('a person’s second write waits behind the first, whoever tries that', async (t) => {
  const { send } = await setUp(t)
  const origin = openOrigin()
  const first = send({ rules }, origin.next)
  await until(() => origin.asked.length === 1)
  t.equal((await send({ rules, key: 'key-0002' }, origin.next))?.status, 202)
  origin.answers()
  await first
  t.equal(origin.asked.length, 1)
})

test('what the gate sheds is promised instead', async (t) => {
  const parts = await setUp(t)
  const gate: Next = async (exchange) => turnAway(exchange, 'gate-full', { retryAfterSeconds: 1 })
  t.equal((await parts.send({ rules }, gate))?.status, 202)
  t.same(await statusOf(parts), { kind: 'pending' })
})

interface Row {
  readonly status: number
  readonly outcome: 'dedupes' | 'neither'
  readonly gets: number
  readonly leaves: object | undefined
}

const rows: readonly Row[] = [
  { status: 422, outcome: 'dedupes', gets: 422, leaves: undefined },
  { status: 302, outcome: 'dedupes', gets: 302, leaves: undefined },
  { status: 500, outcome: 'dedupes', gets: 202, leaves: { kind: 'pending' } },
  {
    status: 500,
    outcome: 'neither',
    gets: 500,
    leaves: { kind: 'dead-letter', reason: 'outcome-unknown' },
  },
]

for (const { status, outcome, gets, leaves } of rows) {
  test(`an origin that ${outcome} says ${status}: the sender gets ${gets}`, async (t: Test) => {
    const parts = await setUp(t)
    const origin = openOrigin(status)
    origin.answers()
    const answer = await parts.send({ rules: { ...rules, outcome } }, origin.next)
    t.equal(answer?.status, gets)
    const [stored] = await parts.client.keys('{ecluse}:w:*')
    const id = stored?.split(':').at(-1) ?? 'w0'
    t.same((await parts.queue.find(id))?.status, leaves)
  })
}

test('a refusal that comes after the receipt is a dead letter', async (t) => {
  const parts = await setUp(t)
  const origin = openOrigin(422)
  const { id } = receiptOf(await parts.send({ rules: impatient }, origin.next))
  origin.answers()
  await until(async () => (await parts.owed()) === 0)
  const found = await parts.queue.find(id)
  t.same(found?.status, { kind: 'dead-letter', reason: 'rejected' })
})

test('a class with a deadline is passed on when it would be applied too late', async (t) => {
  const { send, queue, absorption } = await setUp(t)
  const timely = { countsWithinSeconds: 60 }
  const first = receiptOf(await send({ rules: timely }))
  // Nobody applies anything: after half its time a write of this class is a promise too much.
  await until(() => absorption.backlog().writes === 1)
  const later = Date.now() + 31_000
  t.equal(await send({ rules: timely, key: 'key-0002', wallAtMs: later }), undefined)
  const repeated = receiptOf(await send({ rules: timely, wallAtMs: later }))
  t.equal(repeated.id, first.id, 'what was promised stays promised')
  t.equal((await send({ key: 'key-0003', wallAtMs: later }))?.status, 202, 'others have time')
  t.equal((await queue.backlog()).writes, 2)
})

test('a class may be declared and not absorbed yet', async (t) => {
  const { absorption } = await setUp(t)
  const exchange = writeOf({ rules: { when: 'never' } })
  t.equal(await absorption.stage(exchange, () => Promise.reject(new Error('asked'))), undefined)
})
