import { test } from 'tap'
import { RecentEntries } from './recent-entries.ts'

test('an admission counts while its first pages are seen at the gate, not before or after', async (t) => {
  const rows = [
    { atMs: 0, expect: 0, phrase: 'still at the login page' },
    { atMs: 799, expect: 0, phrase: 'just before' },
    { atMs: 800, expect: 4, phrase: 'twelve in three seconds' },
    { atMs: 3_799, expect: 4, phrase: 'at the end of the window' },
    { atMs: 3_800, expect: 0, phrase: 'reads like everybody' },
    { atMs: 3_600_000, expect: 0, phrase: 'after a long gap' },
  ]
  for (const { atMs, expect, phrase } of rows) {
    const entries = new RecentEntries()
    entries.add(12, 0)
    t.equal(entries.perSecond(atMs), expect, phrase)
    entries.add(0, atMs)
    t.equal(entries.perSecond(atMs), expect, `${phrase}, after a quiet tick`)
  }
})
