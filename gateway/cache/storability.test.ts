import { test } from 'tap'
import type { WallMs } from '../../core/clock.ts'
import type { Audience, CacheRules } from '../policy/policy.ts'
import { type Storability, storability } from './storability.ts'

const rulesFor = (audience: Audience): CacheRules => ({
  audience,
  freshSeconds: 30,
  staleWhileRevalidateSeconds: 60,
  staleIfErrorSeconds: 600,
  ignoreQuery: [],
})

interface Row {
  readonly when: string
  readonly audience: Audience | null
  readonly fields: Record<string, string>
  readonly status?: number
  readonly expect: string
}

function decide(row: Row): Storability {
  return storability({
    status: row.status ?? 200,
    fields: new Map(Object.entries(row.fields)),
    rules: row.audience ? rulesFor(row.audience) : undefined,
    codingSet: 'gzip',
    entryMaxBytes: 1000,
    receivedAtMs: 0 as WallMs,
    unit: 0.5,
  })
}

const spoken = (decision: Storability): string =>
  decision.kind === 'refuse'
    ? decision.reason
    : `${decision.shape.audience} ${decision.lifetime.freshSeconds}`

const declared = { 'ecluse-audience': 'school', 'ecluse-cache-control': 'max-age=15' }
const aYear = { 'cache-control': 'public, max-age=31536000' }

const refusals: readonly Row[] = [
  { when: 'not a 200', audience: 'public', status: 404, fields: aYear, expect: 'status' },
  { when: 'a redirect', audience: 'public', status: 301, fields: aYear, expect: 'status' },
  {
    when: 'a cookie, whatever is declared',
    audience: 'school',
    fields: { ...declared, 'set-cookie': 'a=b' },
    expect: 'set-cookie',
  },
  {
    when: 'it names its session’s owner',
    audience: 'school',
    fields: { ...declared, 'ecluse-identity': 'user="u1"' },
    expect: 'identity',
  },
  {
    when: 'a part',
    audience: 'public',
    fields: { 'content-range': 'bytes 0-1/9' },
    expect: 'partial',
  },
  { when: 'Vary: *', audience: 'public', fields: { vary: '*' }, expect: 'vary' },
  {
    when: 'Vary: * in a list',
    audience: 'public',
    fields: { vary: 'accept, *' },
    expect: 'vary',
  },
  { when: 'Vary: Cookie', audience: 'school', fields: { vary: 'Cookie' }, expect: 'vary' },
  {
    when: 'a coding not every client of the set takes',
    audience: 'public',
    fields: { 'content-encoding': 'br' },
    expect: 'coding',
  },
  {
    when: 'longer than an entry may be',
    audience: 'public',
    fields: { 'content-length': '1001' },
    expect: 'too-large',
  },
  { when: 'nobody declared anything', audience: null, fields: aYear, expect: 'not-declared' },
  {
    when: 'an audience without a lifetime',
    audience: null,
    fields: { ...aYear, 'ecluse-audience': 'public' },
    expect: 'not-declared',
  },
  {
    when: 'a lifetime without an audience',
    audience: null,
    fields: { 'cdn-cache-control': 'max-age=9' },
    expect: 'not-declared',
  },
  {
    when: 'an unknown audience',
    audience: 'public',
    fields: { 'ecluse-audience': 'everyone' },
    expect: 'audience-malformed',
  },
  {
    when: 'the origin says it is one user’s',
    audience: 'school',
    fields: { ...declared, 'ecluse-audience': 'user' },
    expect: 'audience-user',
  },
  {
    when: 'a role and a school overlap',
    audience: 'role',
    fields: declared,
    expect: 'audience-user',
  },
  { when: 'a user’s class', audience: 'user', fields: {}, expect: 'audience-user' },
  {
    when: 'a malformed control',
    audience: 'school',
    fields: { 'cache-control': 'max-age="1"' },
    expect: 'control-malformed',
  },
  {
    when: 'no-store, even where the class speaks',
    audience: 'school',
    fields: { 'cache-control': 'private, no-store' },
    expect: 'no-store',
  },
  {
    when: 'a targeted no-store over a public plain field',
    audience: 'public',
    fields: { ...aYear, 'ecluse-cache-control': 'no-store' },
    expect: 'no-store',
  },
  {
    when: 'private in a public class',
    audience: 'public',
    fields: { 'cache-control': 'private=""' },
    expect: 'private',
  },
  {
    when: 'private said to us',
    audience: 'school',
    fields: { 'ecluse-cache-control': 'private, max-age=9' },
    expect: 'private',
  },
  {
    when: 'no-cache in a public class',
    audience: 'public',
    fields: { 'cache-control': 'no-cache' },
    expect: 'no-cache',
  },
  {
    when: 'no lifetime',
    audience: 'public',
    fields: { 'cache-control': 'max-age=0' },
    expect: 'no-freshness',
  },
  {
    when: 'Expires: 0',
    audience: 'public',
    fields: { expires: '0' },
    expect: 'no-freshness',
  },
]

test('each reason for not storing an answer, RFC 9111 §3', async (t) => {
  for (const row of refusals) t.equal(spoken(decide(row)), row.expect, row.when)
})

test('who decides on audience and lifetime when an answer is stored', async (t) => {
  const browsersOnly = { 'cache-control': 'private, no-cache' }
  const rows: Row[] = [
    {
      when: 'the class, where nothing is said',
      audience: 'public',
      fields: {},
      expect: 'public 30',
    },
    {
      when: 'the answer over its public class',
      audience: 'public',
      fields: aYear,
      expect: 'public 31536000',
    },
    {
      when: 's-maxage over max-age, RFC 9111 §4.2.1',
      audience: 'public',
      fields: { 'cache-control': 'max-age=9, s-maxage=8' },
      expect: 'public 8',
    },
    {
      when: 'a class of people over what is said to browsers',
      audience: 'school',
      fields: browsersOnly,
      expect: 'school 30',
    },
    {
      when: 'the targeted field over all',
      audience: 'school',
      fields: { ...browsersOnly, ...declared },
      expect: 'school 15',
    },
    {
      when: 'the targeted field over no-store',
      audience: null,
      fields: { 'cache-control': 'no-store', ...declared },
      expect: 'school 15',
    },
    {
      when: 'the narrower audience: the class’s',
      audience: 'group',
      fields: declared,
      expect: 'group 15',
    },
    {
      when: 'the narrower audience: the answer’s',
      audience: 'public',
      fields: declared,
      expect: 'school 15',
    },
  ]
  for (const row of rows) t.equal(spoken(decide(row)), row.expect, row.when)
})
