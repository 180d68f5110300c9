import { test } from 'tap'
import {
  fingerprintText,
  identityText,
  laneOf,
  packPayload,
  readBacklog,
  readWriteJob,
  unpackPayload,
  type WritePayload,
  writeId,
} from './write-job.ts'

const payload: WritePayload = {
  user: 'u17',
  school: 's3',
  role: 'pupil',
  groups: ['c40'],
  key: 'k-12345678',
  method: 'POST',
  target: '/api/homework/é/submissions?x=1',
  contentType: null,
  bodyHash: 'ab',
  body: Uint8Array.from([0, 255, 10, 13]),
}

test('a payload comes back byte for byte, wherever it lies in memory', async (t) => {
  const packed = packPayload(payload)
  const elsewhere = new Uint8Array(packed.length + 7)
  elsewhere.set(packed, 7)
  t.strictSame(unpackPayload(packed), payload)
  t.strictSame(unpackPayload(elsewhere.subarray(7)), payload)
  const empty = { ...payload, body: new Uint8Array() }
  t.strictSame(unpackPayload(packPayload(empty)), empty)
})

test('names of writes cannot be confused by moving characters between their parts', async (t) => {
  t.not(
    identityText({ mailbox: 'u1', className: '2x', key: 'k' }),
    identityText({ mailbox: 'u12', className: 'x', key: 'k' }),
  )
})

test('the same key with anything else in the request is told apart', async (t) => {
  const changes: Partial<WritePayload>[] = [
    { bodyHash: 'ac' },
    { target: '/api/homework/2/submissions' },
    { method: 'PUT' },
    { contentType: 'text/plain' },
    { user: 'u18' },
  ]
  const own = fingerprintText(payload)
  for (const change of changes) t.not(fingerprintText({ ...payload, ...change }), own)
  t.equal(fingerprintText({ ...payload, groups: ['c41'] }), own, 'a new group is no new request')
})

test('an id says its lane and nothing else is taken for one', async (t) => {
  const digest = 'c0ffee'.repeat(10)
  t.equal(laneOf(writeId(digest, digest)), 12)
  t.equal(laneOf(writeId(`0${digest}`, digest)), 0)
  for (const id of [
    '',
    'w1',
    '12',
    `wg-${digest}`,
    `w1-${'0'.repeat(41)}`,
    `w1-${'0'.repeat(39)}/`,
  ]) {
    t.equal(laneOf(id), undefined, id)
  }
})

test('a job of another version is not read', async (t) => {
  t.equal(readWriteJob({ version: 1, payload: '' }), undefined)
  t.equal(readWriteJob(null), undefined)
  t.equal(readWriteJob(undefined), undefined)
})

test('an empty lane has no oldest write', async (t) => {
  const backlog = readBacklog([0, -1, 3, 1_000])
  t.same(backlog[0], { writes: 0, oldestAtMs: null })
  t.same(backlog[1], { writes: 3, oldestAtMs: 1_000 })
  t.equal(backlog.length, 16)
})
