import { test } from 'tap'
import type { MonotonicMs, WallMs } from '../../core/clock.ts'
import type { CacheRules } from '../policy/policy.ts'
import { parseCacheControl } from './directives.ts'
import { initialAgeMs, isRefreshDue, lifetimeOf, timelineOf, usability } from './freshness.ts'
import { formatHttpDate } from './http-date.ts'

const rules: CacheRules = {
  audience: 'public',
  freshSeconds: 100,
  staleWhileRevalidateSeconds: 60,
  staleIfErrorSeconds: 600,
  ignoreQuery: [],
}
const noon = Date.UTC(2026, 10, 23, 12) as WallMs
const at = (seconds: number) => formatHttpDate((noon + seconds * 1000) as WallMs)

test('the lifetime and stale windows of an answer, RFC 9111 §4.2.1, RFC 5861', async (t) => {
  const rows: [string, Record<string, string>, number, number[]][] = [
    ['the class at its middle', {}, 0.5, [100, 60, 600]],
    ['the class at its shortest', {}, 0, [90, 60, 600]],
    ['max-age is not spread', { 'cache-control': 'max-age=50' }, 0, [50, 60, 600]],
    ['Expires minus Date', { expires: at(70), date: at(10) }, 0.5, [60, 60, 600]],
    ['Expires without Date', { expires: at(70) }, 0.5, [70, 60, 600]],
    ['max-age over Expires', { 'cache-control': 'max-age=5', expires: at(70) }, 0.5, [5, 60, 600]],
    ['must-revalidate', { 'cache-control': 'max-age=5, must-revalidate' }, 0.5, [5, 0, 0]],
    ['s-maxage alone is never stale', { 'cache-control': 's-maxage=5' }, 0.5, [5, 0, 0]],
    [
      'no-cache is never given unasked',
      { 'cache-control': 'no-cache, max-age=5, stale-if-error=7' },
      0.5,
      [0, 0, 0],
    ],
    ['never fresh, so not stale by its class', { 'cache-control': 'max-age=0' }, 0.5, [0, 0, 0]],
    [
      'never fresh, and stale by its own word',
      { 'cache-control': 'max-age=0, stale-while-revalidate=9' },
      0.5,
      [0, 9, 0],
    ],
    [
      's-maxage with its own windows',
      { 'cache-control': 's-maxage=5, stale-if-error=7' },
      0.5,
      [5, 0, 7],
    ],
  ]
  for (const [when, fields, unit, expect] of rows) {
    const directives = parseCacheControl(fields['cache-control'] ?? '')
    if (!directives) throw new Error('a row must be well formed')
    const map = new Map(Object.entries(fields))
    const facts = { directives, fields: map, isTargeted: false, rules, receivedAtMs: noon, unit }
    t.strictSame(Object.values(lifetimeOf(facts)), expect, when)
  }
})

test('age counts what earlier caches and the way took, RFC 9111 §4.2.3', async (t) => {
  const rows: [string, Record<string, string>, number, number][] = [
    ['nothing known', {}, 0, 0],
    ['the way alone', {}, 400, 400],
    ['an Age and the way', { age: '30' }, 400, 30_400],
    ['the first of several', { age: '30, 90' }, 0, 30_000],
    ['an Age that is none is ignored', { age: '-5' }, 0, 0],
    ['an old Date', { date: at(-20) }, 0, 20_000],
    ['a Date in the future', { date: at(20) }, 0, 0],
    ['the larger of both', { age: '10', date: at(-20) }, 0, 20_000],
  ]
  for (const [when, fields, responseDelayMs, expect] of rows) {
    const facts = { fields: new Map(Object.entries(fields)), receivedAtMs: noon, responseDelayMs }
    t.equal(initialAgeMs(facts), expect, when)
  }
})

test('an entry is fresh up to its last instant and stale at it, RFC 9111 §4.2', async (t) => {
  const lifetime = { freshSeconds: 10, staleWhileRevalidateSeconds: 5, staleIfErrorSeconds: 60 }
  const entry = timelineOf(lifetime, { nowMs: 1000 as MonotonicMs, ageMs: 4000 })
  const rows: [number, string][] = [
    [1000, 'fresh'],
    [0, 'fresh'],
    [6999, 'fresh'],
    [7000, 'while-revalidate'],
    [11_999, 'while-revalidate'],
    [12_000, 'if-error'],
    [66_999, 'if-error'],
    [67_000, 'revalidate'],
    [1e12, 'revalidate'],
  ]
  for (const [nowMs, expect] of rows) t.equal(usability(entry, nowMs as MonotonicMs), expect)
})

test('a lifetime is guessed only where the class allows it, RFC 9111 §4.2.2', async (t) => {
  const guessing = { ...rules, freshSeconds: 0, heuristicMaxSeconds: 3600 }
  const rows: [string, CacheRules, Record<string, string>, number][] = [
    ['a tenth of its time', guessing, { 'last-modified': at(-1000) }, 100],
    ['counted from its Date', guessing, { 'last-modified': at(-1000), date: at(-500) }, 50],
    ['no longer than allowed', guessing, { 'last-modified': at(-1e6) }, 3600],
    ['changed in the future', guessing, { 'last-modified': at(1000) }, 0],
    ['nothing to guess from', guessing, {}, 0],
    ['the class’s own lifetime first', { ...guessing, freshSeconds: 7 }, {}, 7],
    ['not allowed', { ...rules, freshSeconds: 0 }, { 'last-modified': at(-1000) }, 0],
  ]
  for (const [when, itsRules, fields, expect] of rows) {
    const directives = parseCacheControl('')
    if (!directives) throw new Error('an empty field is well formed')
    const map = new Map(Object.entries(fields))
    const said = { directives, fields: map, isTargeted: false, receivedAtMs: noon, unit: 0.5 }
    t.equal(lifetimeOf({ ...said, rules: itsRules }).freshSeconds, expect, when)
  }
})

test('a refresh is due in the last tenth, the more surely the nearer the end', async (t) => {
  const lifetime = { freshSeconds: 10, staleWhileRevalidateSeconds: 0, staleIfErrorSeconds: 0 }
  const entry = timelineOf(lifetime, { nowMs: 0 as MonotonicMs, ageMs: 0 })
  const rows: [number, number, boolean][] = [
    [0, 0.999, false],
    [9000, 0.999, false],
    [9002, 0.999, true],
    [9500, 0.4, false],
    [9500, 0.6, true],
    [9999, 0.001, false],
    [9999, 0.01, true],
    [5000, 0.999, false],
    [-5000, 0.999, false],
  ]
  for (const [nowMs, draw, expect] of rows) {
    t.equal(isRefreshDue(entry, nowMs as MonotonicMs, draw), expect, `${nowMs} ms, ${draw}`)
  }
  const long = timelineOf(
    { ...lifetime, freshSeconds: 86_400 },
    { nowMs: 0 as MonotonicMs, ageMs: 0 },
  )
  t.equal(isRefreshDue(long, 86_394_000 as MonotonicMs, 0.999), false, 'five seconds at most')
})
