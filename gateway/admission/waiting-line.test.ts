import { test } from 'tap'
import type { Priority } from '../policy/policy.ts'
import { type Entry, type Waiter, WaitingLine } from './waiting-line.ts'

function entry(lane: Entry<Waiter>['lane'], isBeyond = false): Entry<Waiter> {
  const line: Priority | 'apply' = lane === 'risen' ? 4 : lane
  const who = { school: '', user: 'u', arrivedAtMs: 0, deadlineAtMs: 5_000 }
  const waiter: Waiter = { line, className: 'c', ...who }
  return {
    waiter,
    lane,
    isBeyond,
    level: 0,
    arrivedAtMs: waiter.arrivedAtMs,
    costMs: 1,
    share: { tag: 0, weight: 1 },
  }
}

function lineOf(...lanes: readonly Entry<Waiter>['lane'][]): WaitingLine<Waiter> {
  const line = new WaitingLine<Waiter>()
  for (const lane of lanes) line.push(entry(lane))
  return line
}

test('telemetry, bulk and applies that wait are no sign that people wait', async (t) => {
  const line = lineOf(5, 6, 6, 'apply')
  t.equal(line.size, 4)
  t.equal(line.pressing, 0)
  for (const one of [0, 2, 4, 'risen'] as const) line.push(entry(one))
  t.equal(line.pressing, 4)
  line.takeNext(0, 'people')
  t.equal(line.pressing, 3, 'the most pressing goes first')
})

test('those shed too often go when it is their turn, or when nobody else waits', async (t) => {
  const line = lineOf(2, 'risen', 'risen')
  t.equal(line.takeNext(0, 'people')?.lane, 2)
  line.push(entry(0))
  t.equal(line.takeNext(0, 'risen')?.lane, 'risen')
  t.equal(line.takeNext(0, 'people')?.lane, 0)
  t.equal(line.takeNext(0, 'people')?.lane, 'risen')
  t.equal(line.takeNext(0, 'risen'), undefined)
})

test('the worst are shed first, and those shed too often last of all', async (t) => {
  const line = lineOf('risen', 0, 6, 'apply', 3)
  const order = [1, 2, 3, 4, 5].map(() => line.takeWorst()?.lane)
  t.same(order, [6, 3, 0, 'risen', undefined], 'applies are not people')
  t.equal(line.takeNewestApply()?.lane, 'apply')
})

test('who leaves is gone from every kind of line, once', async (t) => {
  for (const lane of [0, 'risen', 'apply'] as const) {
    const line = new WaitingLine<Waiter>()
    const one = entry(lane)
    line.push(one)
    t.ok(line.remove(one))
    t.notOk(line.remove(one))
    t.equal(line.size, 0)
  }
})

test('everybody whose time is over is found, wherever they wait', async (t) => {
  const line = lineOf(0, 4, 6, 'risen', 'apply')
  t.equal(line.takeWhere(({ lane }) => lane !== 4).length, 4)
  t.equal(line.size, 1)
})

test('what goes beyond a school’s share waits behind everybody else', async (t) => {
  const line = lineOf(6)
  line.push(entry(2, true))
  t.equal(line.pressing, 1, 'and is looked at all the same')
  t.equal(line.takeNext(0, 'people')?.lane, 6)
  line.push(entry(6))
  t.equal(line.takeWorst()?.lane, 2)
})
