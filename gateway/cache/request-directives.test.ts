import { test } from 'tap'
import { isReload, requestDirectivesOf } from './request-directives.ts'

test('what a client asks for in its own Cache-Control, RFC 9111 §5.2.1', async (t) => {
  const rows: [Record<string, string>, Record<string, unknown>][] = [
    [{}, { isNoCache: false, isOnlyIfCached: false, maxAgeSeconds: null }],
    [{ 'cache-control': 'No-Cache' }, { isNoCache: true }],
    [{ 'cache-control': 'max-age=5, min-fresh=6' }, { maxAgeSeconds: 5, minFreshSeconds: 6 }],
    [{ 'cache-control': 'max-stale' }, { maxStaleSeconds: Number.POSITIVE_INFINITY }],
    [{ 'cache-control': 'max-stale=7' }, { maxStaleSeconds: 7 }],
    [{ 'cache-control': 'max-stale=x' }, { maxStaleSeconds: null }],
    [
      { 'cache-control': 'max-age=1e3, only-if-cached' },
      { maxAgeSeconds: null, isOnlyIfCached: true },
    ],
    [{ 'cache-control': 'x-no-cache' }, { isNoCache: false }],
    [{ pragma: 'no-cache' }, { isNoCache: true }],
    [
      { pragma: 'no-cache', 'cache-control': 'max-age=9' },
      { isNoCache: false, maxAgeSeconds: 9 },
    ],
  ]
  for (const [headers, expect] of rows) {
    t.match(requestDirectivesOf(headers), expect, JSON.stringify(headers))
  }
})

test('a reload is no-cache or max-age=0', async (t) => {
  for (const [text, expect] of [
    ['no-cache', true],
    ['max-age=0', true],
    ['max-age=00', true],
    ['max-age=01', false],
    ['no-store', false],
  ] as const) {
    t.equal(isReload(requestDirectivesOf({ 'cache-control': text })), expect, text)
  }
})
