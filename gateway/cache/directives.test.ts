import { test } from 'tap'
import { controlOf, parseCacheControl, parseTargetedControl } from './directives.ts'

test('a plain Cache-Control that leaves a doubt is refused, RFC 9111 §5.2', async (t) => {
  const doubts = [
    'max-age=60, max-age=30',
    'max-age="sixty"',
    'max-age="60", max-age=61',
    'max-age=-1',
    'max-age=1.5',
    'max-age=',
    'max-age =60',
    's-maxage=abc',
    'private="',
    'no-cache ="x"',
    'public max-age=60',
    'public; max-age=60',
  ]
  for (const text of doubts) t.equal(parseCacheControl(text), null, text)
})

test('every spelling of private, no-cache and no-store counts, RFC 9111 §5.2.2', async (t) => {
  for (const text of [
    'private',
    'PRIVATE',
    'private=""',
    'private=" authorization"',
    ',private ,',
  ]) {
    t.equal(parseCacheControl(text)?.isPrivate, true, text)
  }
  t.equal(parseCacheControl('no-cache="Set-Cookie"')?.isNoCache, true)
  t.equal(parseCacheControl('max-age=5, No-Store=1')?.isNoStore, true)
  t.equal(parseCacheControl('x="a, no-store"')?.isNoStore, false)
  t.equal(parseCacheControl('max-age=99999999999')?.maxAgeSeconds, 31_536_000)
  t.equal(parseCacheControl('max-age="60", max-age=60')?.maxAgeSeconds, 60, 'the same twice')
})

test('a malformed targeted field is skipped whole, RFC 9213 §2.1', async (t) => {
  for (const text of [
    '',
    ' ',
    'max-age=60,',
    'Max-Age=60',
    'max-age="60"',
    'max-age=60;x',
    'a=(b)',
  ]) {
    t.equal(parseTargetedControl(text), null, text)
  }
  t.equal(parseTargetedControl('max-age=60, no-store=?0')?.isNoStore, false)
  t.equal(parseTargetedControl('max-age=60,\tprivate')?.isPrivate, true)
})

test('the first valid targeted field wins whole, RFC 9213 §2.2', async (t) => {
  const rows: [Record<string, string>, boolean, number | null][] = [
    [{ 'ecluse-cache-control': 'max-age=1', 'cdn-cache-control': 'max-age=2' }, true, 1],
    [{ 'ecluse-cache-control': 'max-age=x,', 'cdn-cache-control': 'max-age=2' }, true, 2],
    [{ 'ecluse-cache-control': '', 'cache-control': 'max-age=3' }, false, 3],
    [{ 'cdn-cache-control': 'max-age=2', 'surrogate-control': 'max-age=4' }, true, 2],
    [{ 'surrogate-control': 'max-age=4', 'cache-control': 'max-age=3' }, true, 4],
    [{ 'surrogate-control': 'max-age=4;another', 'cache-control': 'max-age=3' }, false, 3],
    [{ 'cache-control': 'max-age=3' }, false, 3],
    [{}, false, null],
  ]
  for (const [fields, isTargeted, maxAge] of rows) {
    const control = controlOf(new Map(Object.entries(fields)))
    t.equal(control?.isTargeted, isTargeted)
    t.equal(control?.directives.maxAgeSeconds, maxAge)
  }
  t.equal(controlOf(new Map([['pragma', 'no-cache']]))?.directives.isNoCache, true)
  t.equal(controlOf(new Map([['pragma', 'x']]))?.directives.isNoCache, false)
})
