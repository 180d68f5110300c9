import { test } from 'tap'
import type { MonotonicMs, WallMs } from '../core/clock.ts'
import type { Attempt } from './attempt-outcome.ts'
import { Pace } from './pace.ts'
import type { Settlement } from './settlement.ts'
import { type Taken, takeTurn, type TurnPorts, writesPerTurn } from './turn.ts'
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
  version: 3,
  className: 'hand-in',
  outcome: 'dedupes',
  success: [201],
  acceptedAtMs: 0,
  deadlineMs: 60_000,
  attemptBound: 5,
  owner: '',
  parkAs: null,
  keyAtOrigin: null,
}

const packed = packPayload({
  user: 'u1',
  school: null,
  role: null,
  groups: [],
  key: 'k',
  method: 'POST',
  target: '/',
  contentType: null,
  host: 'ent.example',
  bodyHash: '',
  body: new Uint8Array(1),
})

/** A write as it is taken for the first time. */
const fresh: Taken = {
  token: '1',
  id: 'w1',
  job,
  payload: 'sealed',
  attempts: 0,
  tries: 0,
  wasSent: false,
  starts: 1,
}

/** A world in which pauses take no time but move the clock, and attempts answer as told. */
function worldOf(
  facts: { readonly mailbox?: readonly Taken[]; readonly attempts?: readonly Attempt[] },
  change: Partial<TurnPorts> = {},
) {
  const mailbox = [...(facts.mailbox ?? [fresh])]
  const seen = { sent: 0, keys: [] as string[], nowMs: 0, settled: [] as Settlement[] }
  const ports: TurnPorts = {
    clock: {
      monotonicMs: () => seen.nowMs as MonotonicMs,
      wallMs: () => seen.nowMs as WallMs,
    },
    random: { next: () => 0.5 },
    pace: new Pace(),
    open: () => packed,
    attempt: async ({ key }) => {
      seen.keys.push(key)
      seen.sent += 1
      return facts.attempts?.[seen.sent - 1] ?? ok
    },
    begin: async () => mailbox[0] ?? null,
    settle: async (_, settlement) => {
      seen.settled.push(settlement)
      if (settlement.kind !== 'again') mailbox.shift()
      return settlement.goesOn ? (mailbox[0] ?? null) : null
    },
    pause: async (durationMs) => void (seen.nowMs += durationMs),
    isDraining: () => false,
    note: () => undefined,
    ...change,
  }
  return { ports, seen }
}

/** What became of one write, in a word. */
async function endOf(taken: Partial<Taken>, attempt: Attempt = ok) {
  const { ports, seen } = worldOf({ mailbox: [{ ...fresh, ...taken }], attempts: [attempt] })
  await takeTurn(ports)
  const [settlement] = seen.settled
  const { kind } = settlement as Settlement
  return { kind: settlement?.kind === 'parked' ? settlement.reason : kind, sent: seen.sent }
}

test('the writes of a mailbox are settled one after the other, so many in a turn', async (t) => {
  const many = Array.from({ length: writesPerTurn + 5 }, (_, n) => ({ ...fresh, id: `w${n}` }))
  const { ports, seen } = worldOf({ mailbox: many })
  t.equal(await takeTurn(ports), 'over')
  t.equal(seen.sent, writesPerTurn)
  t.same(
    seen.settled.map(({ goesOn }) => goesOn),
    many.slice(0, writesPerTurn).map((_, n) => n < writesPerTurn - 1),
  )
})

test('a write that has to wait ends the turn: nothing of the same person overtakes it', async (t) => {
  for (const attempt of [failed, silent, full, refused]) {
    const { ports, seen } = worldOf({
      mailbox: [fresh, { ...fresh, id: 'w2' }],
      attempts: [attempt],
    })
    await takeTurn(ports)
    t.equal(seen.sent, 1)
    t.match(seen.settled, [{ kind: 'again', goesOn: false }])
  }
})

test('only what the origin may have seen counts as an attempt', async (t) => {
  for (const [attempt, expect] of [
    [failed, 'unknown'],
    [silent, 'unknown'],
    [full, 'unseen'],
    [refused, 'unseen'],
  ] as const) {
    const { ports, seen } = worldOf({ attempts: [attempt] })
    await takeTurn(ports)
    t.match(seen.settled, [{ seen: expect }])
  }
})

test('the attempts of earlier turns count', async (t) => {
  t.same(await endOf({ attempts: 3 }, failed), { kind: 'again', sent: 1 })
  t.same(await endOf({ attempts: 4 }, failed), { kind: 'outcome-unknown', sent: 1 })
})

test('the more often a write was put off, the longer it waits, within bounds', async (t) => {
  const waits: number[] = []
  for (const tries of [0, 1, 5, 100]) {
    const { ports, seen } = worldOf({ mailbox: [{ ...fresh, tries }], attempts: [failed] })
    await takeTurn(ports)
    const [settlement] = seen.settled
    waits.push(settlement?.kind === 'again' ? settlement.afterMs : -1)
  }
  t.same(waits, [150, 300, 4_800, 22_500])
})

test('where the origin cannot deduplicate, a write that may have been seen is not repeated', async (t) => {
  const once = { ...job, outcome: 'neither' } as const
  t.same(await endOf({ job: once }, silent), { kind: 'outcome-unknown', sent: 1 })
  t.same(await endOf({ job: once }, refused), { kind: 'again', sent: 1 })
  t.same(await endOf({ job: once, wasSent: true }), { kind: 'outcome-unknown', sent: 0 })
  t.same(await endOf({ wasSent: true }), { kind: 'applied', sent: 1 }, 'where it can, it is')
})

test('a write older than its bound is parked, at the bound it is still tried', async (t) => {
  for (const [nowMs, expect] of [
    [60_000, 'applied'],
    [60_001, 'parked'],
  ] as const) {
    const { ports, seen } = worldOf({})
    seen.nowMs = nowMs
    await takeTurn(ports)
    t.match(seen.settled, [{ kind: expect }])
  }
})

test('what cannot be read, was reused or ends its workers is parked unsent', async (t) => {
  const unread = worldOf({}, { open: () => null })
  await takeTurn(unread.ports)
  t.match(unread.seen.settled, [{ kind: 'parked', reason: 'unreadable' }])
  t.same(await endOf({ job: undefined }), { kind: 'unreadable', sent: 0 })
  t.same(await endOf({ starts: 20 }), { kind: 'applied', sent: 1 })
  t.same(await endOf({ starts: 21 }), { kind: 'worker-lost', sent: 0 })
  const reused = { ...job, parkAs: 'key-reused' } as const
  t.same(await endOf({ job: reused }), { kind: 'key-reused', sent: 0 })
})

test('driven again, a write whose key was reused goes to the origin under its own', async (t) => {
  const { ports, seen } = worldOf({ mailbox: [{ ...fresh, job: { ...job, keyAtOrigin: 'w9' } }] })
  await takeTurn(ports)
  t.same(seen.keys, ['w9'])
})

test('a draining worker takes nothing up, and lets the one at hand be the last', async (t) => {
  const idle = worldOf({}, { isDraining: () => true })
  t.equal(await takeTurn(idle.ports), 'released')
  t.same(idle.seen.settled, [])
  let isDraining = false
  const busy = worldOf(
    { mailbox: [fresh, { ...fresh, id: 'w2' }] },
    {
      isDraining: () => isDraining,
      attempt: async () => {
        isDraining = true
        return ok
      },
    },
  )
  t.equal(await takeTurn(busy.ports), 'over')
  t.match(busy.seen.settled, [{ kind: 'applied', goesOn: false }])
})

test('a full gate holds up every mailbox, not only the one that asked', async (t) => {
  const { ports, seen } = worldOf({ mailbox: [fresh], attempts: [full, ok] })
  await takeTurn(ports)
  t.equal(ports.pace.waitMs(1_000), 3_000)
  t.equal(ports.pace.waitMs(9_000), 0)
  await takeTurn(ports)
  t.equal(seen.nowMs, 4_000)
})
