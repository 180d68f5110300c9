import { test } from 'tap'
import type { MonotonicMs, WallMs } from '../core/clock.ts'
import type { Attempt } from './attempt-outcome.ts'
import { Pace } from './pace.ts'
import { takeTurn, type TurnPorts } from './turn.ts'
import { packPayload, type WriteJob } from './write-job.ts'

const ok: Attempt = { kind: 'answered', status: 201, edgeReason: null, retryAfterMs: null }
const failed: Attempt = { kind: 'answered', status: 500, edgeReason: null, retryAfterMs: null }
const full: Attempt = {
  kind: 'answered',
  status: 503,
  edgeReason: 'gate-full',
  retryAfterMs: 4_000,
}
const silent: Attempt = { kind: 'no-answer' }
const refused: Attempt = { kind: 'not-sent' }

const job: WriteJob = {
  version: 2,
  className: 'hand-in',
  outcome: 'dedupes',
  success: [201],
  acceptedAtMs: 0,
  deadlineMs: 60_000,
  attemptBound: 5,
  owner: '',
  payload: 'sealed',
  attempts: 0,
  isApplied: false,
  parkAs: null,
  keyAtOrigin: null,
}

/** A world in which pauses take no time but move the clock, and attempts answer as told. */
function worldOf(attempts: readonly Attempt[], change: Partial<TurnPorts> = {}) {
  const packed = packPayload({
    user: 'u1',
    school: null,
    role: null,
    groups: [],
    key: 'k',
    method: 'POST',
    target: '/',
    contentType: null,
    bodyHash: '',
    body: new Uint8Array(1),
  })
  const seen = { sent: 0, saved: [] as number[], claims: new Set<string>(), nowMs: 0 }
  const ports: TurnPorts = {
    clock: {
      monotonicMs: () => seen.nowMs as MonotonicMs,
      wallMs: () => seen.nowMs as WallMs,
    },
    random: { next: () => 0.5 },
    pace: new Pace(1),
    open: () => packed,
    attempt: async () => attempts[seen.sent++] ?? silent,
    claim: async (id) => !seen.claims.has(id) && Boolean(seen.claims.add(id)),
    unclaim: async (id) => void seen.claims.delete(id),
    saveAttempts: async (count) => void seen.saved.push(count),
    pause: async (durationMs) => void (seen.nowMs += durationMs),
    isDraining: () => false,
    noteRetry: () => undefined,
    ...change,
  }
  return { ports, seen }
}

test('a write is tried again until the origin has it, and what was tried is remembered', async (t) => {
  const { ports, seen } = worldOf([failed, silent, full, refused, ok])
  t.same(await takeTurn('w', job, ports), { kind: 'applied' })
  t.equal(seen.sent, 5)
  t.same(seen.saved, [1, 2], 'turned away at the gate does not count')
})

test('the attempts of an earlier worker count', async (t) => {
  const { ports, seen } = worldOf([failed, failed, ok])
  const end = await takeTurn('w', { ...job, attempts: 3 }, ports)
  t.same(end, { kind: 'parked', reason: 'outcome-unknown' })
  t.equal(seen.sent, 2)
})

test('where the origin cannot deduplicate, a write that may have been seen is not repeated', async (t) => {
  const job2 = { ...job, outcome: 'neither' } as const
  const unknown = worldOf([refused, full, silent, ok])
  t.same(await takeTurn('w', job2, unknown.ports), { kind: 'parked', reason: 'outcome-unknown' })
  t.equal(unknown.seen.sent, 3)
  t.ok(unknown.seen.claims.has('w'), 'the note stays')
  const crashed = worldOf([ok])
  crashed.seen.claims.add('w')
  t.same(await takeTurn('w', job2, crashed.ports), { kind: 'parked', reason: 'outcome-unknown' })
  t.equal(crashed.seen.sent, 0)
})

test('an applied write whose worker ended before the queue knew is not sent again', async (t) => {
  const { ports, seen } = worldOf([ok])
  t.same(await takeTurn('w', { ...job, isApplied: true, payload: '' }, ports), { kind: 'applied' })
  t.equal(seen.sent, 0)
})

test('a write older than its bound is parked, at the bound it is still tried', async (t) => {
  const late = worldOf([ok])
  late.seen.nowMs = 60_001
  t.same(await takeTurn('w', job, late.ports), { kind: 'parked', reason: 'expired' })
  t.equal(late.seen.sent, 0)
  const justInTime = worldOf([ok])
  justInTime.seen.nowMs = 60_000
  t.same(await takeTurn('w', job, justInTime.ports), { kind: 'applied' })
})

test('a write that no key opens is parked unread', async (t) => {
  const { ports, seen } = worldOf([ok], { open: () => null })
  t.same(await takeTurn('w', job, ports), { kind: 'parked', reason: 'unreadable' })
  t.equal(seen.sent, 0)
})

test('a draining worker lets go of a write it has not sent', async (t) => {
  const { ports, seen } = worldOf([ok], { isDraining: () => true })
  t.same(await takeTurn('w', job, ports), { kind: 'released' })
  t.equal(seen.sent, 0)
})

test('a full gate holds up every lane, not only the one that asked', async (t) => {
  const { ports, seen } = worldOf([full, ok])
  await takeTurn('w', job, ports)
  t.equal(seen.nowMs, 4_000)
  t.equal(ports.pace.waitMs(1_000), 3_000)
  t.equal(ports.pace.waitMs(9_000), 0)
})

test('no more attempts at once than set, first come first served', async (t) => {
  const pace = new Pace(2)
  const entered: number[] = []
  const all = [0, 1, 2, 3].map(async (n) => {
    await pace.enter()
    entered.push(n)
  })
  await Promise.all(all.slice(0, 2))
  t.same(entered, [0, 1])
  pace.leave()
  await all[2]
  t.same(entered, [0, 1, 2])
  pace.leave()
  await all[3]
  t.same(entered, [0, 1, 2, 3])
})
