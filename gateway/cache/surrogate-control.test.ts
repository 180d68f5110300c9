import { test } from 'tap'
import { parseSurrogateControl } from './surrogate-control.ts'

test('Surrogate-Control speaks to us, to others, or to nobody, Edge Architecture §2.2', async (t) => {
  const rows: [string, Record<string, string> | null][] = [
    ['max-age=60', { 'max-age': '60' }],
    ['MaX-aGe=60', { 'max-age': '60' }],
    ['foo, max-age=60', { 'max-age': '60' }],
    ['max-age=60+30', { 'max-age': '60', 'stale-while-revalidate': '30' }],
    ['max-age=60;ecluse', { 'max-age': '60' }],
    ['max-age=5, max-age=60;Ecluse', { 'max-age': '60' }],
    ['max-age=60; a; ecluse', { 'max-age': '60' }],
    ['no-store', { 'no-store': '' }],
    ['max-age=60, no-store;ecluse', { 'no-store': '' }],
    ['content="ESI/1.0", max-age=60', { 'no-store': '' }],
    ['max-age=60;other', null],
    ['no-store;other', null],
    ['foo', null],
    ['max-age', null],
    ['max-age =60', null],
    ['max-age= 60', null],
    ['max-age=-1', null],
    ['max-age=60;', null],
    ['', null],
  ]
  for (const [text, expect] of rows) {
    const said = parseSurrogateControl(text)
    t.strictSame(said && Object.fromEntries(said), expect, text)
  }
})
