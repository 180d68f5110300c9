import { test } from 'tap'
import { openGate } from '../../test/support/exchange.ts'
import { Gate, type Settled } from './gate.ts'
import type { Waiter } from './waiting-line.ts'

interface Request extends Waiter {
  readonly id: number
}

const rules = { ...openGate, maxInFlight: 2, maxQueued: 3 }
let lastId = 0

function request(line: Waiter['line'], atMs: number, patienceMs = 1_000): Request {
  lastId += 1
  const who = { school: '', user: String(lastId), className: `p${line}` }
  return { id: lastId, line, ...who, arrivedAtMs: atMs, deadlineAtMs: atMs + patienceMs }
}

function arrive(gate: Gate<Request>, line: Waiter['line'], atMs: number, patienceMs?: number) {
  const one = request(line, atMs, patienceMs)
  return { one, settled: gate.arrive(one, atMs) }
}

const ends = (settled: readonly Settled<Request>[]) =>
  settled.map((end) => [end.waiter.line, end.kind === 'shed' ? end.reason : end.kind])

test('a reload does not pile up in the origin: what it goes on with keeps its slot', async (t) => {
  const gate = new Gate<Request>({ ...rules, maxInFlight: 1 })
  const first = arrive(gate, 4, 0).one
  const reload = arrive(gate, 4, 10).one
  t.same(gate.release(first, 10, 'cut'), [], 'its client has left, the origin has not stopped')
  t.equal(gate.load(199).inFlight, 1)
  t.same(gate.sweep(199), [])
  t.same(
    gate.sweep(200).map((end) => end.waiter),
    [reload],
    'twice the usual time is enough',
  )
  gate.answered(reload, 250)
  gate.release(reload, 260, 'cut')
  t.equal(gate.load(260).inFlight, 0, 'an answer that began needs no waiting for')
})

test('nobody starves: shed three times, a person gets one of the next slots', async (t) => {
  for (const sheds of [2, 3]) {
    const gate = new Gate<Request>({ ...rules, maxInFlight: 1, maxQueued: 40 })
    let inFlight = arrive(gate, 2, 0, 1e9).one
    const fill = (atMs: number) => {
      for (let i = 0; i < 50; i += 1) arrive(gate, 2, atMs, 1e9)
    }
    const again = (atMs: number) => {
      const one = { ...request(4, atMs, 1e9), user: 'unlucky' }
      return { one, settled: gate.arrive(one, atMs) }
    }
    for (let i = 0; i < sheds; i += 1) {
      fill(i * 3_000)
      t.match(ends(again(i * 3_000).settled), [[4, 'gate-full']])
    }
    const last = again(10_000)
    const served: Request[] = []
    for (let i = 0; i < 30; i += 1) {
      const settled = gate.release(inFlight, 10_000, 'answered')
      inFlight = (settled[0] as Settled<Request>).waiter
      served.push(inFlight)
      fill(10_000)
    }
    t.equal(served.includes(last.one), sheds === 3, `shed ${sheds} times`)
  }
})
