import { test } from 'tap'
import { emptySecond } from '../engine/tallies.ts'
import { recoverySeconds } from './recovery.ts'

/** One letter a second: `g` all in time, `b` none, `-` nobody came. */
const timeline = (text: string) =>
  Array.from(text, (letter, i) => ({
    ...emptySecond(i * 1000),
    intended: letter === '-' ? 0 : 10,
    inSlo: letter === 'g' ? 10 : 0,
  }))

const rows: { phrase: string; text: string; expect: number | null }[] = [
  { phrase: 'well at once', text: 'ggggggggg', expect: 0 },
  { phrase: 'ill for four seconds', text: 'bbbbggggggggg', expect: 4 },
  {
    phrase: 'ill to the end, as when retries sustain the collapse',
    text: 'bbbbbbbbbbbb',
    expect: null,
  },
  { phrase: 'well, then ill again', text: 'ggggggbbbbbb', expect: null },
  { phrase: 'quiet seconds say nothing', text: '---bb-ggggggg', expect: 6 },
  { phrase: 'nobody came at all', text: '------', expect: null },
]

for (const { phrase, text, expect } of rows) {
  test(`recovery is timed: ${phrase}`, async (t) =>
    t.equal(recoverySeconds(timeline(text)), expect))
}
