import { test } from 'tap'
import { selectingNames, selectingValue } from './vary.ts'

test('what selects an answer, and what no key can hold, RFC 9110 §12.5.5', async (t) => {
  const rows: [string | undefined, readonly string[] | null][] = [
    [undefined, []],
    ['', []],
    ['Accept-Encoding', []],
    ['Foo, accept-language , ,Accept-Encoding', ['accept-language', 'foo']],
    ['b, a, B', ['a', 'b']],
    ['*', null],
    ['*, *', null],
    [', *', null],
    ['Foo, *', null],
    ['*, Foo', null],
    ['Cookie', null],
    ['Foo, Authorization', null],
    ['X-Forwarded-Host', null],
    ['Ecluse-Deadline-Ms', null],
    ['If-None-Match', null],
    ['Cache-Control', null],
    ['a b', null],
    ['a,b,c,d,e,f,g,h', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']],
    ['a,b,c,d,e,f,g,h,i', null],
  ]
  for (const [text, expect] of rows) {
    const fields = new Map(text === undefined ? [] : [['vary', text]])
    t.strictSame(selectingNames(fields), expect, text ?? 'no field')
  }
})

test('values that mean the same select the same, RFC 9111 §4.1', async (t) => {
  const rows: [string, string | string[] | undefined, string | string[] | undefined, boolean][] = [
    ['foo', '1,2', ' 1, 2 ', true],
    ['foo', '1, 2', ['1', '2'], true],
    ['foo', undefined, '', true],
    ['foo', '1, 2', '2, 1', false],
    ['foo', 'a', 'A', false],
    ['accept-language', 'en, de', 'de, en', true],
    ['accept-language', 'en, de', 'eN,De', true],
    ['accept-language', 'fr;q=1, en;q=0.5', 'en; q=0.5, FR', true],
    ['accept-language', 'fr, en;q=0.5', 'en, fr;q=0.5', false],
    ['accept-language', 'fr', undefined, false],
  ]
  for (const [name, one, other, isSame] of rows) {
    const value = (given: string | string[] | undefined) => selectingValue(name, { [name]: given })
    t.equal(value(one) === value(other), isSame, `${name}: ${String(one)} and ${String(other)}`)
  }
})
