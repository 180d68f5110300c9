import { test } from 'tap'
import { changeFaults, noFaults } from './faults.ts'

test('a change keeps every other fault as it was', async (t) => {
  const slow = changeFaults(noFaults, { slowFactor: 3 })
  const both = slow.kind === 'ok' && changeFaults(slow.faults, { stalled: true })
  t.same(both, { kind: 'ok', faults: { ...noFaults, slowFactor: 3, stalled: true } })
})

test('unknown faults and values out of range change nothing', async (t) => {
  const rows = [
    [{ errorShare: 1.01 }, 'errorShare: expected a number from 0 to 1, found 1.01.'],
    [{ lostAnswerShare: -0.1 }, 'lostAnswerShare: expected a number from 0 to 1, found -0.1.'],
    [{ slowFactor: '3' }, 'slowFactor: expected a number from 0.01 to 1000, found "3".'],
    [{ stalled: 1 }, 'stalled: expected true or false.'],
    [{ toString: 1 }, /toString: no such fault/],
    [[], 'faults: expected a JSON object of faults to set.'],
    [undefined, 'faults: expected a JSON object of faults to set.'],
  ] as const
  for (const [change, problem] of rows) {
    t.match(changeFaults(noFaults, change), { kind: 'rejected', problems: [problem] })
  }
})
