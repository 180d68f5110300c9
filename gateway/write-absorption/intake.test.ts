import { test } from 'tap'
import type { WriteRules } from '../policy/policy.ts'
import { judgeDurability, type PersistenceFacts } from './durability.ts'
import { decideIntake, type IntakeFacts, isBacklogTooOld, readIdempotencyKey } from './intake.ts'
import { readBody } from './read-body.ts'

const rules: WriteRules = {
  authority: 'on-behalf',
  outcome: 'dedupes',
  success: [201],
  answer: 'receipt',
  when: 'always',
  answerWithinMs: 2_500,
  keeps: 'all',
  durability: 'local-fsync',
  maxBodyBytes: 1_000,
  backlogMaxSeconds: 60,
}

const facts: IntakeFacts = {
  isOn: true,
  rules,
  principal: { user: 'u1', school: 's1', role: 'pupil', groups: [] },
  headers: { 'idempotency-key': 'key-0001', 'content-length': '1000' },
}

test('only a declared write of a known person with a key is taken', async (t) => {
  const key = { 'idempotency-key': 'key-0001' }
  const rows: { change: Partial<IntakeFacts>; expect: string; phrase: string }[] = [
    { change: {}, expect: 'take', phrase: 'everything is there' },
    { change: { isOn: false }, expect: 'pass-on', phrase: 'the stage is off' },
    { change: { rules: undefined }, expect: 'pass-on', phrase: 'the class is not declared' },
    {
      change: { rules: { ...rules, authority: 'session' } },
      expect: 'pass-on',
      phrase: 'the origin would want the session itself',
    },
    { change: { principal: null }, expect: 'pass-on', phrase: 'nobody knows who it is' },
    { change: { headers: {} }, expect: 'pass-on', phrase: 'no key, as from a foreign form' },
    { change: { headers: key }, expect: 'take', phrase: 'length unknown until it is read' },
    {
      change: { headers: { ...key, 'content-length': '1001' } },
      expect: 'pass-on',
      phrase: 'one byte too long',
    },
    {
      change: { headers: { ...key, 'content-encoding': 'gzip' } },
      expect: 'pass-on',
      phrase: 'a coded body',
    },
    {
      change: { headers: { 'idempotency-key': 'a, b' } },
      expect: 'reject',
      phrase: 'two keys or a strange one',
    },
  ]
  for (const { change, expect, phrase } of rows) {
    t.equal(decideIntake({ ...facts, ...change }).kind, expect, phrase)
  }
})

test('a key is the same with and without the quotes of structured fields', async (t) => {
  const rows = [
    { field: undefined, expect: 'absent' },
    { field: 'key-0001', expect: 'key-0001' },
    { field: '"key-0001"', expect: 'key-0001' },
    { field: ' key:0.0_1 ', expect: 'key:0.0_1' },
    { field: 'a'.repeat(7), expect: 'malformed' },
    { field: 'a'.repeat(8), expect: 'a'.repeat(8) },
    { field: 'a'.repeat(128), expect: 'a'.repeat(128) },
    { field: 'a'.repeat(129), expect: 'malformed' },
    { field: '', expect: 'malformed' },
    { field: 'key 00001', expect: 'malformed' },
    { field: 'key-0001\r\nx: y', expect: 'malformed' },
    { field: ['key-0001', 'key-0002'], expect: 'malformed' },
  ]
  for (const { field, expect } of rows) {
    const reading = readIdempotencyKey(field)
    t.equal(reading.kind === 'ok' ? reading.key : reading.kind, expect, JSON.stringify(field))
  }
})

test('no more is promised once the oldest write of the queue is over its bound', async (t) => {
  const rows = [
    { oldestAtMs: null, wallMs: 1e12, expect: false, phrase: 'nothing waits' },
    { oldestAtMs: 0, wallMs: 0, expect: false, phrase: 'this instant' },
    { oldestAtMs: 0, wallMs: 60_000, expect: false, phrase: 'at the bound' },
    { oldestAtMs: 0, wallMs: 60_001, expect: true, phrase: 'past the bound' },
    { oldestAtMs: 90_000, wallMs: 0, expect: false, phrase: 'the clock went back' },
  ]
  for (const { oldestAtMs, wallMs, expect, phrase } of rows) {
    t.equal(isBacklogTooOld(oldestAtMs, wallMs, rules), expect, phrase)
  }
})

test('a Redis that could lose a confirmed write is not trusted', async (t) => {
  const safe: PersistenceFacts = {
    appendonly: 'yes',
    appendfsync: 'always',
    'no-appendfsync-on-rewrite': 'no',
    'maxmemory-policy': 'noeviction',
    aofLastWriteStatus: 'ok',
    memoryRatio: 0,
  }
  t.same(judgeDurability(safe, 'required'), { kind: 'ok', level: 'queue-fsync' })
  const rows: Partial<PersistenceFacts>[] = [
    { appendonly: 'no' },
    { appendfsync: 'everysec' },
    { 'no-appendfsync-on-rewrite': 'yes' },
    { 'maxmemory-policy': 'allkeys-lru' },
    { appendfsync: null },
  ]
  for (const change of rows) {
    const facts = { ...safe, ...change }
    const found = judgeDurability(facts, 'required')
    t.equal(found.kind, 'weak', JSON.stringify(change))
    t.equal(found.kind === 'weak' && found.found.length, 1)
    t.same(judgeDurability(facts, 'declared'), { kind: 'ok', level: 'declared' })
  }
})

test('a Redis that is full, or whose log cannot be written, is not misconfigured: it is not trusted for now', async (t) => {
  const ill: PersistenceFacts = {
    appendonly: 'yes',
    appendfsync: 'always',
    'no-appendfsync-on-rewrite': 'no',
    'maxmemory-policy': 'noeviction',
    aofLastWriteStatus: 'err',
    memoryRatio: 0,
  }
  t.same(judgeDurability(ill, 'required'), { kind: 'unknown' })
  t.same(judgeDurability(ill, 'declared'), { kind: 'unknown' })
  const full = { ...ill, aofLastWriteStatus: 'ok' }
  t.equal(judgeDurability({ ...full, memoryRatio: 0.9 }, 'required').kind, 'ok')
  t.equal(judgeDurability({ ...full, memoryRatio: 0.91 }, 'required').kind, 'unknown')
})

test('a body is read whole or not at all', async (t) => {
  async function* chunks(sizes: number[], failure?: Error) {
    for (const size of sizes) yield new Uint8Array(size).fill(size)
    if (failure) throw failure
  }
  const rows = [
    { body: null, expect: 'whole', size: 0, phrase: 'none' },
    { body: chunks([4, 6]), expect: 'whole', size: 10, phrase: 'exactly the limit' },
    { body: chunks([4, 7]), expect: 'too-large', size: 0, phrase: 'one byte over' },
    { body: chunks([4], new Error('aborted')), expect: 'broken', size: 0, phrase: 'client left' },
  ]
  for (const { body, expect, size, phrase } of rows) {
    const reading = await readBody(body, 10)
    t.equal(reading.kind, expect, phrase)
    if (reading.kind === 'whole') t.equal(reading.bytes.length, size, phrase)
  }
  const reading = await readBody(chunks([1, 2]), 10)
  t.same(reading.kind === 'whole' && [...reading.bytes], [1, 2, 2], 'in order')
})
