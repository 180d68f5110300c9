import { test } from 'tap'
import { exponential } from '../../core/distributions.ts'
import { randomStream } from '../../core/random.ts'
import { openGate } from '../../test/support/exchange.ts'
import type { GateRules, Priority } from '../policy/policy.ts'
import { Gate, type Settled } from './gate.ts'
import type { Waiter } from './waiting-line.ts'

interface Request extends Waiter {
  readonly id: number
}

const rules: GateRules = { ...openGate, maxInFlight: 2, maxQueued: 3 }
let lastId = 0

function request(line: Waiter['line'], atMs: number, patienceMs = 1_000): Request {
  lastId += 1
  const className = `p${line}`
  const who = { school: '', user: String(lastId) }
  return { id: lastId, line, className, ...who, arrivedAtMs: atMs, deadlineAtMs: atMs + patienceMs }
}

function arrive(gate: Gate<Request>, line: Waiter['line'], atMs: number, patienceMs?: number) {
  const one = request(line, atMs, patienceMs)
  return { one, settled: gate.arrive(one, atMs) }
}

const ends = (settled: readonly Settled<Request>[]) =>
  settled.map((end) => [end.waiter.line, end.kind === 'shed' ? end.reason : end.kind])

test('nobody waits while there is a slot, and nobody gets one beyond the limit', async (t) => {
  const gate = new Gate<Request>(rules)
  t.same(ends(arrive(gate, 4, 0).settled), [[4, 'admitted']])
  t.same(ends(arrive(gate, 4, 0).settled), [[4, 'admitted']])
  t.same(ends(arrive(gate, 0, 0).settled), [], 'even the best priority waits')
  t.match(gate.load(0), { inFlight: 2, queued: 1, limit: 2 })
})

test('a freed slot goes to the best priority, and within one to who came first', async (t) => {
  const gate = new Gate<Request>(rules)
  const [held] = [arrive(gate, 4, 0).one, arrive(gate, 4, 0)]
  const later = arrive(gate, 6, 1).one
  const first = arrive(gate, 2, 2).one
  arrive(gate, 2, 3)
  t.same(
    gate.release(held, 10, 'answered').map((end) => end.waiter.id),
    [first.id],
  )
  t.ok(gate.leave(later))
})

test('a full line sheds the newest of the worst priority first', async (t) => {
  const gate = new Gate<Request>(rules)
  for (const line of [4, 4, 6, 6, 3] as const) arrive(gate, line, 0)
  t.same(ends(arrive(gate, 0, 1).settled), [[6, 'gate-full']])
  t.same(ends(arrive(gate, 0, 1).settled), [[6, 'gate-full']])
  t.same(ends(arrive(gate, 5, 1).settled), [[5, 'gate-full']], 'who is worst goes at once')
  t.same(ends(arrive(gate, 0, 1).settled), [[3, 'gate-full']])
  t.same(ends(arrive(gate, 0, 1).settled), [[0, 'gate-full']], 'only equals are left')
})

test('whoever can no longer be answered in time is shed, at the exact instant', async (t) => {
  const rows = [
    { atMs: 0, expect: [], phrase: 'time standing still' },
    { atMs: 899, expect: [], phrase: 'time enough for twice the usual service' },
    { atMs: 900, expect: [], phrase: 'the exact boundary' },
    { atMs: 901, expect: [[1, 'deadline-passed']], phrase: 'one too late' },
    { atMs: 1e9, expect: [[1, 'deadline-passed']], phrase: 'a long gap' },
    { atMs: -50, expect: [], phrase: 'time going backwards' },
  ]
  for (const row of rows) {
    const gate = new Gate<Request>({ ...rules, maxInFlight: 1 })
    const held = arrive(gate, 1, -50).one
    gate.release(held, 0, 'answered')
    arrive(gate, 1, 0)
    arrive(gate, 1, 0)
    t.same(ends(gate.sweep(row.atMs)), row.expect, row.phrase)
  }
})

test('an estimate gone bad does not shed somebody who just came', async (t) => {
  const gate = new Gate<Request>({ ...rules, maxInFlight: 1 })
  gate.release(arrive(gate, 1, 0).one, 60_000, 'answered')
  t.same(ends(arrive(gate, 1, 60_000).settled), [[1, 'admitted']])
})

test('under overload who came last goes first, so that somebody is on time', async (t) => {
  const gate = new Gate<Request>({ ...rules, maxInFlight: 1 })
  const held = arrive(gate, 1, 0).one
  arrive(gate, 1, 0)
  const newest = arrive(gate, 1, 200).one
  const [next] = gate.release(held, 251, 'answered')
  t.equal(next?.waiter.id, newest.id)
})

test('applies keep their share while people wait, and never less than every other slot of one', async (t) => {
  for (const row of [
    { maxInFlight: 10, share: 2 },
    { maxInFlight: 1, share: 1 },
  ]) {
    const gate = new Gate<Request>({ ...rules, ...row, maxQueued: 1_000 })
    const inFlight: Request[] = []
    const keep = (settled: Settled<Request>[]) => {
      for (const end of settled) if (end.kind === 'admitted') inFlight.push(end.waiter)
    }
    for (let i = 0; i < row.maxInFlight; i += 1) keep(arrive(gate, 4, 0, 1e9).settled)
    for (let i = 0; i < 100; i += 1) keep(arrive(gate, 4, 0, 1e9).settled)
    let applied = 0
    let served = 0
    for (let i = 0; i < 100; i += 1) {
      keep(arrive(gate, 'apply', 0, 1e9).settled)
      const done = inFlight.shift() as Request
      if (done.line === 'apply') applied += 1
      else served += 1
      keep(gate.release(done, 0, 'failed'))
      t.ok(inFlight.filter((one) => one.line === 'apply').length <= row.share)
    }
    t.ok(applied >= 15, `${applied} applied`)
    t.ok(served >= 45, `${served} people served`)
  }
})

test('applies take what nobody else wants, and wait in a line no longer than the slots', async (t) => {
  const gate = new Gate<Request>(rules)
  const expect = ['admitted', 'admitted', undefined, undefined, 'gate-full']
  for (const kind of expect) {
    const [end] = arrive(gate, 'apply', 0).settled
    t.equal(end?.kind === 'shed' ? end.reason : end?.kind, kind)
  }
})

test('new rules count at once: a larger gate admits, a smaller one waits', async (t) => {
  const gate = new Gate<Request>(rules)
  const held = [arrive(gate, 4, 0).one, arrive(gate, 4, 0).one]
  arrive(gate, 4, 0)
  t.same(ends(gate.setRules({ ...rules, maxInFlight: 3 }, 0)), [[4, 'admitted']])
  arrive(gate, 4, 0)
  gate.setRules({ ...rules, maxInFlight: 1 }, 0)
  t.same(gate.release(held[0] as Request, 1, 'answered'), [])
  t.equal(gate.load(1).inFlight, 2)
})

test('utilisation follows the slots held within about a second', async (t) => {
  const gate = new Gate<Request>(rules)
  const held = [arrive(gate, 4, 0).one, arrive(gate, 4, 0).one]
  t.equal(gate.load(0).utilisationRatio, 0)
  t.ok(Math.abs(gate.load(1_000).utilisationRatio - 0.632) < 0.001)
  t.ok(gate.load(10_000).utilisationRatio > 0.999)
  t.ok(gate.load(5_000).utilisationRatio > 0.999, 'time going backwards changes nothing')
  for (const one of held) gate.release(one, 10_000, 'answered')
  t.ok(gate.load(20_000).utilisationRatio < 0.001)
})

test('who is turned away comes back after the line, and later the more are turned away', async (t) => {
  const gate = new Gate<Request>(rules)
  t.equal(gate.comeBackMs(), 0)
  for (let i = 0; i < 5; i += 1) arrive(gate, 4, 0)
  t.equal(gate.comeBackMs(), (3 * 100) / 2)
  for (let i = 0; i < 500; i += 1) arrive(gate, 4, 0)
  const some = gate.comeBackMs()
  t.ok(some > 10_000, `${some} ms`)
  for (let i = 0; i < 5_000; i += 1) arrive(gate, 4, 0)
  t.equal(gate.comeBackMs(), 60_000, 'a minute at most')
})

interface Simulation {
  readonly busyRatio: number
  readonly maxInFlight: number
  readonly shedAbove: readonly string[]
  readonly ends: ReadonlyMap<number, number>
  readonly requests: number
  readonly load: { readonly inFlight: number; readonly queued: number }
}

/** Ten times what `slots` can do arrives for a minute; a tenth of the clients leave early. */
function simulateOverload(seed: number): Simulation {
  const random = randomStream(seed, 'gate')
  const slots = 8
  const serviceMs = 100
  const gate = new Gate<Request>({ ...openGate, maxInFlight: slots, maxQueued: 64 })
  const ends = new Map<number, number>()
  const shedAbove: string[] = []
  const events: { atMs: number; run(atMs: number): void }[] = []
  const waiting = new Set<Request>()
  let busyMs = 0
  let maxInFlight = 0
  let requests = 0
  const settle = (settled: readonly Settled<Request>[], atMs: number): void => {
    for (const end of settled) {
      ends.set(end.waiter.id, (ends.get(end.waiter.id) ?? 0) + 1)
      waiting.delete(end.waiter)
      if (end.kind === 'shed' && end.reason === 'gate-full') {
        for (const other of waiting)
          if (other.line !== 'apply' && other.line > (end.waiter.line as Priority))
            shedAbove.push(`${end.waiter.line} before ${other.line}`)
      }
      if (end.kind === 'admitted') {
        const tookMs = exponential(random, serviceMs)
        busyMs += Math.min(tookMs, Math.max(0, 60_000 - atMs))
        events.push({
          atMs: atMs + tookMs,
          run: (nowMs) => settle(gate.release(end.waiter, nowMs, 'answered'), nowMs),
        })
      }
    }
    maxInFlight = Math.max(maxInFlight, gate.load(atMs).inFlight)
  }
  for (let atMs = 0; atMs < 60_000; atMs += exponential(random, serviceMs / slots / 10)) {
    const arrivedAtMs = atMs
    const line = Math.floor(random.next() * 7) as Priority
    const leavesAtMs = random.next() < 0.1 ? arrivedAtMs + 500 * random.next() : null
    requests += 1
    events.push({
      atMs,
      run: (nowMs) => {
        const one = request(line, arrivedAtMs, 3_000)
        waiting.add(one)
        settle(gate.arrive(one, nowMs), nowMs)
        if (leavesAtMs === null) return
        const leave = () => {
          if (!gate.leave(one)) return
          waiting.delete(one)
          ends.set(one.id, (ends.get(one.id) ?? 0) + 1)
        }
        events.push({ atMs: leavesAtMs, run: leave })
      },
    })
  }
  for (let atMs = 0; atMs < 70_000; atMs += 100)
    events.push({ atMs, run: (nowMs) => settle(gate.sweep(nowMs), nowMs) })
  runInOrder(events)
  const load = gate.load(70_000)
  return { busyRatio: busyMs / (slots * 60_000), maxInFlight, shedAbove, ends, requests, load }
}

/** Runs events by time; what they add while running is sorted in every millisecond. */
function runInOrder(events: { atMs: number; run(atMs: number): void }[]): void {
  const slots: (typeof events)[] = []
  const place = () => {
    for (const event of events.splice(0)) (slots[Math.floor(event.atMs)] ??= []).push(event)
  }
  place()
  for (let ms = 0; ms < slots.length; ms += 1) {
    for (let i = 0; i < (slots[ms]?.length ?? 0); i += 1) {
      const event = slots[ms]?.sort((a, b) => a.atMs - b.atMs)[i]
      event?.run(event.atMs)
      place()
    }
  }
}

test('at ten times the load the slots stay busy, and each request ends exactly once', async (t) => {
  for (const seed of [1, 2, 3]) {
    const run = simulateOverload(seed)
    const where = `seed ${seed}`
    t.ok(run.busyRatio > 0.95, `slots busy ${run.busyRatio.toFixed(3)}, ${where}`)
    t.equal(run.maxInFlight, 8, `never above the limit, ${where}`)
    t.match(run.load, { inFlight: 0, queued: 0 }, `returns to zero, ${where}`)
    t.equal(run.ends.size, run.requests, `everybody gets an end, ${where}`)
    t.ok(
      [...run.ends.values()].every((count) => count === 1),
      `and only one, ${where}`,
    )
    t.same(run.shedAbove, [], `never shed before a worse priority, ${where}`)
  }
})
