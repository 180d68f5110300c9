import { test } from 'tap'
import { readTarget, targetMaxLength } from './target.ts'

test('a target is split at the first question mark and kept byte for byte', async (t) => {
  t.same(readTarget('/a/b?x=1?y'), { kind: 'ok', path: '/a/b', query: 'x=1?y', isPlain: true })
  t.same(readTarget('/'), { kind: 'ok', path: '/', query: '', isPlain: true })
  t.same(readTarget('/%C3%A9l%C3%A8ve'), {
    kind: 'ok',
    path: '/%C3%A9l%C3%A8ve',
    query: '',
    isPlain: true,
  })
})

test('what is no origin-form target is malformed', async (t) => {
  const rows = ['', '*', 'http://elsewhere/', 'a', '/a b', '/é', '/a#b', '/a\u0000', '/\r\nx']
  for (const target of rows) t.equal(readTarget(target).kind, 'malformed', JSON.stringify(target))
  t.equal(readTarget(`/${'a'.repeat(targetMaxLength - 1)}`).kind, 'ok', 'the longest')
  t.equal(readTarget(`/${'a'.repeat(targetMaxLength)}`).kind, 'malformed', 'one longer')
})

test('a path that two servers may read differently is never plain', async (t) => {
  const rows = [
    '/api/me;x.css',
    '/api/me%3bx.css',
    '/api/me%2fx.css',
    '/api//me',
    '/api/./me',
    '/api/../me',
    '/api/..',
    '/api/%2e%2e/me',
    '/api\\me',
    '/api%5cme',
    '/api/me%00.css',
    '/api/me%0a.css',
    '/api/me%3f.css',
    '/api/me%23.css',
    '/api/%252e',
  ]
  for (const path of rows) t.match(readTarget(path), { kind: 'ok', isPlain: false }, path)
  t.match(readTarget('/api/me.css'), { isPlain: true }, 'a dot inside a segment is plain')
  t.match(readTarget('/api/...x'), { isPlain: true })
})
