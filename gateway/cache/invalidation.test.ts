import { test } from 'tap'
import type { Outcome } from '../outcome.ts'
import { changedTags } from './invalidation.ts'
import { exchangeFor } from './stage-fixture.ts'

const here = 'https://ent.example/news/1'
const changed = (answer: { status?: number; headers?: string[]; outcome?: Outcome }) =>
  changedTags(exchangeFor({ path: '/news/1' }, 0), here, {
    status: 201,
    headers: [],
    outcome: { kind: 'served', from: 'origin' },
    ...answer,
  })

test('a write changes its resource and those its answer names, RFC 9111 §4.4', async (t) => {
  const rows: [string[], string[]][] = [
    [[], [here]],
    [
      ['Location', '/news/2'],
      [here, 'https://ent.example/news/2'],
    ],
    [
      ['Content-Location', '2'],
      [here, 'https://ent.example/news/2'],
    ],
    [
      ['Location', 'https://ent.example/news?page=3'],
      [here, 'https://ent.example/news'],
    ],
    [['Location', '/news/2', 'Set-Cookie', 'PORTALSESSION=7; Path=/'], [here]],
    [
      ['Set-Cookie', 'theme=dark', 'Location', '/news/2'],
      [here, 'https://ent.example/news/2'],
    ],
    [['Location', '/news/1', 'Content-Location', '/news/1'], [here]],
    [['Location', 'https://other.example/news/2'], [here]],
    [['Location', 'http://ent.example/news/2'], [here]],
    [['Location', '//other.example/news/2'], [here]],
    [['Location', 'https://['], [here]],
    [
      ['Cache-Group-Invalidation', '"news"'],
      [here, 'group https://ent.example news'],
    ],
  ]
  for (const [headers, expect] of rows) t.same(changed({ headers }), expect, headers.join(' '))
})

test('a write that changed nothing invalidates nothing', async (t) => {
  for (const status of [400, 403, 500, 503]) {
    t.same(changed({ status, headers: ['Location', '/news/2'] }), [], String(status))
  }
  t.same(changed({ outcome: { kind: 'turned-away', reason: 'gate-full' } }), [])
  t.same(changed({ outcome: { kind: 'turned-away', reason: 'origin-timeout' } }), [here])
  t.same(changed({ outcome: { kind: 'absorbed' } }), [here])
})

test('a host that is none does not stop a write', async (t) => {
  const exchange = exchangeFor({ headers: { host: 'a b' } }, 0)
  const answer = {
    status: 201,
    headers: ['Location', '/x'],
    outcome: { kind: 'served', from: 'origin' } as const,
  }
  t.same(changedTags(exchange, 'https://a b/news', answer), ['https://a b/news'])
})
