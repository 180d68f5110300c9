import { test } from 'tap'
import {
  fingerprintText,
  identityText,
  isWriteId,
  packPayload,
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
  host: 'ent.example',
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

test('a number of ours is known by its form', async (t) => {
  t.ok(isWriteId(writeId('c0ffee'.repeat(10))))
  for (const id of ['', 'w', `w${'0'.repeat(41)}`, `w${'0'.repeat(39)}/`, `x${'0'.repeat(40)}`]) {
    t.notOk(isWriteId(id), id)
  }
})

test('a job of another version is not read', async (t) => {
  t.equal(readWriteJob('{"version":2}'), undefined)
  t.match(readWriteJob('{"version":3}'), { version: 3 })
  for (const text of ['', 'null', '{']) t.equal(readWriteJob(text), undefined, text)
})
