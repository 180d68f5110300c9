import { test } from 'tap'
import { emptyBacklog } from '../../queue-workers/mailbox-scripts.ts'
import { DrainPace } from './drain-pace.ts'

const owing = (writes: number, settled: number) => ({ ...emptyBacklog, writes, settled })

test('a backlog worked off at an even pace ends when it was said to', async (t) => {
  const pace = new DrainPace()
  for (let second = 0; second <= 10; second += 1) {
    pace.look(owing(1_000 - 50 * second, 50 * second), second * 1_000)
  }
  t.equal(pace.perSecond(), 50)
  t.equal(pace.drainSeconds(owing(500, 500)), 10)
})

test('an empty queue says nothing about how fast one would be worked off', async (t) => {
  const pace = new DrainPace()
  pace.look(owing(0, 0), 0)
  pace.look(owing(0, 5), 1_000)
  pace.look(owing(3, 5), 2_000)
  t.equal(pace.perSecond(), null)
  t.equal(pace.drainSeconds(owing(0, 5)), 0)
  t.equal(pace.drainSeconds(owing(3, 5)), null)
})

test('a new pace shows within half a minute', async (t) => {
  const pace = new DrainPace()
  let settled = 0
  for (let second = 0; second <= 60; second += 1) {
    pace.look(owing(10_000, settled), second * 1_000)
    settled += second < 30 ? 100 : 20
  }
  const perSecond = pace.perSecond() ?? 0
  t.ok(perSecond > 20 && perSecond < 25, `${perSecond}`)
})

test('standing still is no time to divide by, nor is a clock that goes back', async (t) => {
  const pace = new DrainPace()
  pace.look(owing(10, 0), 1_000)
  pace.look(owing(10, 0), 1_000)
  pace.look(owing(10, 5), 500)
  t.equal(pace.perSecond(), null)
  pace.look(owing(10, 0), 2_000)
  t.equal(pace.perSecond(), 0)
  t.equal(pace.drainSeconds(owing(10, 0)), null)
})

test('another Redis, or a pause, makes no false promise', async (t) => {
  const pace = new DrainPace()
  pace.look(owing(10, 100), 0)
  pace.look(owing(10, 0), 1_000)
  t.equal(pace.perSecond(), null)
  pace.look(owing(10, 10), 2_000)
  t.equal(pace.drainSeconds({ ...owing(10, 10), isPaused: true }), null)
})
