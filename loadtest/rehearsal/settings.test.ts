import { test } from 'tap'
import { protections, readWithout } from './settings.ts'

test('names the protections to go without, or the first that does not exist', async (t) => {
  const rows = [
    { phrase: 'nothing given', text: undefined, expect: { kind: 'ok', off: [] } },
    { phrase: 'an empty text', text: '', expect: { kind: 'ok', off: [] } },
    { phrase: 'one', text: 'cache', expect: { kind: 'ok', off: ['cache'] } },
    {
      phrase: 'two, with a space and a comma too many',
      text: 'admission, waiting-room,',
      expect: { kind: 'ok', off: ['admission', 'waiting-room'] },
    },
    { phrase: 'every one', text: protections.join(','), expect: { kind: 'ok', off: protections } },
    {
      phrase: 'a good one does not hide a wrong one',
      text: 'cache,queue,room',
      expect: { kind: 'unknown', name: 'queue' },
    },
    {
      phrase: 'names are spelled one way',
      text: 'Cache',
      expect: { kind: 'unknown', name: 'Cache' },
    },
  ]
  for (const { phrase, text, expect } of rows) t.strictSame(readWithout(text), expect, phrase)
})
