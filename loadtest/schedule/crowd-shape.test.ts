import { test } from 'tap'
import { arrivedBy } from './crowd-shape.ts'
import type { CrowdShape } from './scenario.ts'

const window = { from: '08:00', to: '10:00' } as const
const at = (clock: number): number => 480 + clock

const rows: { phrase: string; shape: CrowdShape; minute: number; expect: number }[] = [
  {
    phrase: 'half-way, half have come',
    shape: { kind: 'even', ...window },
    minute: at(60),
    expect: 0.5,
  },
  {
    phrase: 'after a half-life, half of those of a long evening',
    shape: { kind: 'step', ...window, halfLifeMinutes: 10 },
    minute: at(10),
    expect: 0.5001,
  },
  {
    phrase: 'at the top of a triangle, its rising part',
    shape: { kind: 'triangle', ...window, peak: '08:30' },
    minute: at(30),
    expect: 0.25,
  },
  {
    phrase: 'half of a deadline comes in the last 0.69 time constants',
    shape: { kind: 'deadline', ...window, meanMinutes: 10 },
    minute: at(120 - 6.931),
    expect: 0.5,
  },
  {
    phrase: 'polls stand still between intervals',
    shape: { kind: 'aligned', ...window, everyMinutes: 15 },
    minute: at(14),
    expect: 0.125,
  },
  {
    phrase: 'a poll takes ten seconds',
    shape: { kind: 'aligned', ...window, everyMinutes: 15 },
    minute: at(15 + 1 / 12),
    expect: 0.1875,
  },
]

for (const { phrase, shape, minute, expect } of rows) {
  test(`a crowd (${shape.kind}): ${phrase}`, async (t) => {
    const found = arrivedBy(shape)(minute)
    t.ok(Math.abs(found - expect) < 1e-3, `${found} for ${expect}`)
  })
  test(`a crowd (${shape.kind}) never shrinks, and is whole at its end: ${phrase}`, async (t) => {
    const share = arrivedBy(shape)
    t.equal(share(at(0)), 0)
    t.equal(share(at(-500)), 0)
    t.equal(share(at(120)), 1)
    t.equal(share(at(900)), 1)
    for (let x = 0; x < 120; x += 0.05) t.ok(share(at(x + 0.05)) >= share(at(x)))
  })
}
