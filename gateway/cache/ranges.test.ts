import { test } from 'tap'
import { partOf } from './ranges.ts'

test('one range of bytes is a part, anything else is the whole, RFC 9110 §14.1.2', async (t) => {
  const rows: [string, number, string][] = [
    ['bytes=0-1', 10, '0-1'],
    ['bytes=0-0', 10, '0-0'],
    ['bytes=5-', 10, '5-9'],
    ['bytes=0-99', 10, '0-9'],
    ['bytes=9-9', 10, '9-9'],
    ['bytes=-3', 10, '7-9'],
    ['bytes=-99', 10, '0-9'],
    ['Bytes=1-2', 10, '1-2'],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=5-4', 10, 'whole'],
    ['bytes=0-1,4-5', 10, 'whole'],
    ['bytes=-', 10, 'whole'],
    ['bytes=1', 10, 'whole'],
    ['bytes=0x1-2', 10, 'whole'],
    ['bytes=99999999999999999999-', 10, 'whole'],
    ['items=0-1', 10, 'whole'],
    ['', 10, 'whole'],
  ]
  for (const [range, length, expect] of rows) {
    const part = partOf(range, length)
    t.equal(part.kind === 'part' ? `${part.first}-${part.last}` : part.kind, expect, range)
  }
})
