import { test } from 'tap'
import { buildCalendar, minuteShares, minutesOfClock } from './calendar.ts'
import { readScenario } from './scenario-store.ts'
import { rateAt } from './step-curve.ts'

const reading = await readScenario('closure-morning')
if (reading.kind === 'refused') throw new Error(reading.problems.join(' '))
const day = reading.profile.days.closure

test('every hour keeps its published share whatever its peak minutes take', async (t) => {
  for (const one of Object.values(reading.profile.days)) {
    const shares = minuteShares(one)
    for (const [hour, share] of one.hourlyShare.value.entries()) {
      const sum = shares.slice(hour * 60, hour * 60 + 60).reduce((a, b) => a + b, 0)
      t.ok(Math.abs(sum - share) < 1e-9, `hour ${hour}`)
    }
  }
})

test('the minutes around the bell carry twice the mean of their hour', async (t) => {
  const shares = minuteShares(day)
  const rows = [
    { clock: '08:54', times: 0.8 },
    { clock: '08:55', times: 2 },
    { clock: '08:59', times: 2 },
  ]
  for (const { clock, times } of rows) {
    const share = shares[minutesOfClock(clock)] as number
    t.ok(Math.abs((share * 60) / 0.125 - times) < 1e-9, clock)
  }
})

const calendar = buildCalendar({
  phases: [
    { name: 'before', from: '07:20', to: '07:30', share: 0.25 },
    { name: 'peak', from: '08:55', to: '09:03', share: 0.75, loadFactor: 0.5 },
  ],
  durationMs: 80_000,
  day,
  pagesPerDay: 1_000_000,
})

test('the clock runs evenly inside a phase and jumps between two', async (t) => {
  const rows = [
    { atMs: 0, clock: '07:20' },
    { atMs: 10_000, clock: '07:25' },
    { atMs: 20_000, clock: '08:55' },
    { atMs: 50_000, clock: '08:59' },
    { atMs: 80_000, clock: '09:03' },
    { atMs: 99_000, clock: '09:03' },
  ]
  for (const { atMs, clock } of rows) {
    t.equal(calendar.clockMinutesAt(atMs), minutesOfClock(clock), `${atMs} ms`)
  }
})

test('the calendar is compressed, page rates are not', async (t) => {
  const perSecond = (share: number, factor: number): number => (1e6 * share * factor) / 3_600
  const rows = [
    { atMs: 5_000, expect: perSecond(0.042, 50 / 55), phrase: '07:22, the bell of 8:00 apart' },
    { atMs: 30_000, expect: perSecond(0.125, 2) / 2, phrase: '08:56, twice the hour, half loaded' },
    { atMs: 75_000, expect: perSecond(0.135, 2) / 2, phrase: '09:02' },
  ]
  for (const { atMs, expect, phrase } of rows) {
    t.ok(Math.abs((rateAt(calendar.pages, atMs) * 1_000) / expect - 1) < 1e-9, phrase)
  }
})
