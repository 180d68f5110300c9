import { test } from 'tap'
import { type Attempt, attemptOutcome, nextStep } from './attempt-outcome.ts'

const answered = (status: number, edgeReason: string | null = null): Attempt => ({
  kind: 'answered',
  status,
  edgeReason,
  retryAfterMs: null,
})

test('what an attempt says about the write', async (t) => {
  const rows: { attempt: Attempt; expect: string; phrase: string }[] = [
    { attempt: answered(201), expect: 'applied', phrase: 'a declared success' },
    { attempt: answered(200), expect: 'outcome-unknown', phrase: 'a success nobody declared' },
    { attempt: answered(401), expect: 'authority-lost', phrase: 'no session' },
    { attempt: answered(403), expect: 'authority-lost', phrase: 'no right' },
    { attempt: answered(303), expect: 'authority-lost', phrase: 'sent to the login page' },
    { attempt: answered(404), expect: 'rejected', phrase: 'the homework is gone' },
    { attempt: answered(422), expect: 'rejected', phrase: 'the content is refused' },
    { attempt: answered(408), expect: 'unknown', phrase: 'the origin gave up waiting' },
    { attempt: answered(429), expect: 'not-reached', phrase: 'the origin did not process it' },
    { attempt: answered(500), expect: 'unknown', phrase: 'it failed in the middle' },
    { attempt: answered(503), expect: 'unknown', phrase: 'an overload of the origin itself' },
    { attempt: answered(503, 'gate-full'), expect: 'not-reached', phrase: 'our gate is full' },
    { attempt: answered(503, 'draining'), expect: 'not-reached', phrase: 'the edge is stopping' },
    { attempt: answered(504, 'origin-timeout'), expect: 'unknown', phrase: 'sent, no answer' },
    { attempt: answered(500, 'edge-failure'), expect: 'unknown', phrase: 'the edge broke' },
    { attempt: answered(503, 'a-new-one'), expect: 'unknown', phrase: 'a reason we do not know' },
    { attempt: answered(413, 'body-too-large'), expect: 'rejected', phrase: 'the edge refuses it' },
    { attempt: { kind: 'not-sent' }, expect: 'not-reached', phrase: 'connection refused' },
    { attempt: { kind: 'no-answer' }, expect: 'unknown', phrase: 'reset after sending' },
    { attempt: { kind: 'unsendable' }, expect: 'rejected', phrase: 'cannot be put on the wire' },
  ]
  for (const { attempt, expect, phrase } of rows) {
    const outcome = attemptOutcome(attempt, [201, 204])
    t.equal(outcome.kind === 'dead-letter' ? outcome.reason : outcome.kind, expect, phrase)
  }
})

test('an unknown outcome is repeated only where the origin deduplicates', async (t) => {
  const rows = [
    { outcome: 'dedupes', attempts: 0, expect: 'again' },
    { outcome: 'dedupes', attempts: 18, expect: 'again' },
    { outcome: 'dedupes', attempts: 19, expect: 'outcome-unknown' },
    { outcome: 'neither', attempts: 0, expect: 'outcome-unknown' },
    { outcome: 'read-back', attempts: 0, expect: 'outcome-unknown' },
  ] as const
  for (const { outcome, attempts, expect } of rows) {
    const job = { outcome, attemptBound: 20 }
    const step = nextStep({ kind: 'unknown' }, { job, attempts, tries: 0, draw: 0.5 })
    t.equal(step.kind === 'park' ? step.reason : step.kind, expect, `${outcome} after ${attempts}`)
  }
})

test('waits double up to half a minute and the gate’s wish goes first', async (t) => {
  const rows = [
    { retryAfterMs: null, tries: 0, draw: 0, expect: 100, phrase: 'the shortest' },
    { retryAfterMs: null, tries: 0, draw: 1, expect: 200, phrase: 'the longest first wait' },
    { retryAfterMs: null, tries: 3, draw: 1, expect: 1_600, phrase: 'doubled three times' },
    { retryAfterMs: null, tries: 9_999, draw: 1, expect: 30_000, phrase: 'bounded' },
    { retryAfterMs: 2_000, tries: 9, draw: 1, expect: 2_000, phrase: 'asked for' },
    { retryAfterMs: 999_000, tries: 0, draw: 1, expect: 30_000, phrase: 'asked for too much' },
  ]
  const job = { outcome: 'neither', attemptBound: 20 } as const
  for (const { retryAfterMs, tries, draw, expect, phrase } of rows) {
    const step = nextStep({ kind: 'not-reached', retryAfterMs }, { job, attempts: 0, tries, draw })
    const isAsked = retryAfterMs !== null
    t.same(step, { kind: 'again', afterMs: expect, isAsked }, phrase)
  }
})
