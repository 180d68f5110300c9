import { test } from 'tap'
import { protections, readNames } from './settings.ts'

test('names the protections to go without, or the first that does not exist', async (t) => {
  const rows = [
    { phrase: 'nothing given', text: undefined, expect: { kind: 'ok', names: [] } },
    { phrase: 'an empty text', text: '', expect: { kind: 'ok', names: [] } },
    { phrase: 'one', text: 'cache', expect: { kind: 'ok', names: ['cache'] } },
    {
      phrase: 'two, with a space and a comma too many',
      text: 'admission, waiting-room,',
      expect: { kind: 'ok', names: ['admission', 'waiting-room'] },
    },
    {
      phrase: 'every one',
      text: protections.join(','),
      expect: { kind: 'ok', names: protections },
    },
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
  for (const { phrase, text, expect } of rows)
    t.strictSame(readNames(text, protections), expect, phrase)
})
