import { test } from 'tap'
import type { WallMs } from '../../core/clock.ts'
import { formatHttpDate, parseHttpDate } from './http-date.ts'

test('reads dates that exist, in all three formats, RFC 9110 §5.6.7', async (t) => {
  const rows: [string, number | null][] = [
    ['Sun, 06 Nov 1994 08:49:37 GMT', 784_111_777_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29)],
    ['Mon, 06 Nov 1994 08:49:37 GMT', null],
    ['Wed, 31 Feb 2024 00:00:00 GMT', null],
    ['Sun, 06 Nov 1994 25:49:37 GMT', null],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 784_111_777_000],
    ['Sun Nov  6 08:49:37 1994', 784_111_777_000],
    ['Wed Nov 16 08:49:37 1994', 784_975_777_000],
    ['Friday, 01-Jan-77 00:00:00 GMT', null],
    ['Saturday, 01-Jan-77 00:00:00 GMT', Date.UTC(1977, 0, 1)],
    ['Wednesday, 01-Jan-76 00:00:00 GMT', Date.UTC(2076, 0, 1)],
    ['Monday, 06-Nov-94 08:49:37 GMT', null],
    ['Mon Nov  6 08:49:37 1994', null],
    ['Sunday, 06-Nov-1994 08:49:37 GMT', null],
    ['0', null],
    ['', null],
  ]
  for (const [text, expect] of rows) t.equal(parseHttpDate(text), expect, text)
})

test('writes every day of four centuries as the platform does', async (t) => {
  for (let day = -141_428; day < 20_000; day += 13) {
    const atMs = day * 86_400_000 + 45_296_000
    const expected = new Date(atMs).toUTCString()
    if (formatHttpDate(atMs as WallMs) !== expected) t.fail(`${expected} is written otherwise`)
    if (parseHttpDate(expected) !== atMs) t.fail(`${expected} is read otherwise`)
  }
})
