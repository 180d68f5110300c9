import { test } from 'tap'
import { referencePortal } from '../../scenarios/portals/reference.ts'
import { foreignCanaries } from './canary-check.ts'
import { CookieJar } from './cookie-jar.ts'
import { assetPath, followUps, pathFor, portalFacts, writeRequest } from './page-requests.ts'
import { type Answer, localPath, meaningOf } from './portal-answer.ts'
import { readTarget } from './target.ts'

const session = { account: 17, school: 3, classId: 40, role: 'pupil' } as const

test('a browser sends back the cookies it was given, until they expire', async (t) => {
  for (const { setCookies, atMs, expect, why } of [
    { setCookies: ['A=1; Path=/; HttpOnly'], atMs: 0, expect: 'A=1', why: 'a session cookie' },
    { setCookies: ['A=1', 'B=2'], atMs: 0, expect: 'A=1; B=2', why: 'two' },
    { setCookies: ['A=1', 'A=2'], atMs: 0, expect: 'A=2', why: 'the last one wins' },
    { setCookies: ['A=1', 'A=; Max-Age=0'], atMs: 0, expect: '', why: 'Max-Age=0 deletes' },
    { setCookies: ['A=1; Max-Age=10'], atMs: 9_999, expect: 'A=1', why: 'just before Max-Age' },
    { setCookies: ['A=1; Max-Age=10'], atMs: 10_000, expect: '', why: 'at Max-Age' },
    {
      setCookies: ['A=1', 'A=; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
      atMs: 0,
      expect: '',
      why: 'an Expires in the past deletes',
    },
    {
      setCookies: ['A=1; Expires=Sun, 29 Feb 2032 12:00:00 GMT'],
      atMs: Date.UTC(2032, 1, 29, 12) - 1,
      expect: 'A=1',
      why: 'just before Expires, on a leap day',
    },
    {
      setCookies: ['A=1; Expires=Sun, 29 Feb 2032 12:00:00 GMT'],
      atMs: Date.UTC(2032, 1, 29, 12),
      expect: '',
      why: 'at Expires',
    },
    {
      setCookies: ['A=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
      atMs: 1,
      expect: 'A=1',
      why: 'RFC 6265 §5.3: Max-Age wins',
    },
    { setCookies: ['=1', 'nothing'], atMs: 0, expect: '', why: 'what is no cookie is ignored' },
  ]) {
    const jar = new CookieJar()
    jar.store(setCookies, 0)
    t.equal(jar.header(atMs), expect, why)
  }
})

test('a canary of somebody else is noticed, one of the reader is not', async (t) => {
  for (const [text, expect] of [
    ['nothing here', []],
    ['canary-u17-x canary-c40-x canary-s3-x canary-r-pupil-x', []],
    ['canary-u18-x', ['user']],
    ['canary-u1-x', ['user']],
    ['canary-u17-x canary-c41-x canary-s4-x canary-r-teacher-x', ['class', 'school', 'role']],
  ] as const) {
    const scopes = foreignCanaries(text, session).map(({ scope }) => scope)
    t.strictSame(scopes, expect, text)
  }
})

test('answers mean to the engine what they mean to a person', async (t) => {
  const answered = (status: number, fields = {}, text = ''): Answer => ({
    kind: 'answered',
    status,
    fields,
    text,
  })
  for (const [answer, expect] of [
    [answered(200), { kind: 'arrived' }],
    [answered(202), { kind: 'arrived' }],
    [answered(304), { kind: 'arrived' }],
    [
      answered(200, { 'ecluse-wait': '41;t=7' }),
      { kind: 'turned-away', retryAfterMs: 7_000, isLine: true },
    ],
    [
      answered(503, { 'retry-after': '2' }),
      { kind: 'turned-away', retryAfterMs: 2_000, isLine: false },
    ],
    [
      answered(429, { 'retry-after': '2' }),
      { kind: 'turned-away', retryAfterMs: 2_000, isLine: false },
    ],
    [answered(503), { kind: 'error' }],
    [answered(500, { 'retry-after': '2' }), { kind: 'error' }],
    [answered(401), { kind: 'session-lost' }],
    [answered(303, { location: '/auth/login' }), { kind: 'session-lost' }],
    [answered(303, { location: '/auth/login?back=%2F' }), { kind: 'session-lost' }],
    [answered(303, { location: '/portal/home' }), { kind: 'moved', location: '/portal/home' }],
    [answered(403, {}, '{"error":"form-token"}'), { kind: 'stale-form' }],
    [answered(404), { kind: 'error' }],
    [{ kind: 'broken', reason: 'reset' } as const, { kind: 'error' }],
    [{ kind: 'aborted' } as const, { kind: 'aborted' }],
  ] as const) {
    t.strictSame(meaningOf(answer, '/auth/login'), expect, JSON.stringify(answer))
  }
})

test('a redirect is followed within the site only', async (t) => {
  const origin = 'http://127.0.0.1:80'
  t.equal(localPath('/a?b', origin), '/a?b')
  t.equal(localPath('http://127.0.0.1:80/a', origin), '/a')
  t.equal(localPath('http://elsewhere.example/a', origin), undefined)
  t.equal(localPath('//elsewhere.example/a', origin), undefined)
})

test('a page asks for its data every time and for each asset once', async (t) => {
  const landing = referencePortal.pages['landing']
  const home = referencePortal.pages['home']
  if (landing === undefined || home === undefined) throw new Error('portal changed')
  const first = followUps(landing, { session }, new Set())
  t.equal(first.length, landing.data.length + landing.assets.length)
  const held = new Set(landing.assets.map(assetPath))
  t.equal(followUps(landing, { session }, held).length, landing.data.length)
  t.equal(followUps(home, { session }, held).filter((r) => r.purpose === 'asset').length, 2)
  t.match(
    first.map(({ path }) => path),
    ['/api/me', '/api/me/feed?page=0'],
  )
})

test('paths carry the names the portal gives to people, classes and schools', async (t) => {
  const all = '/{account}/{school}/{class}/{role}/{item}/{key}'
  t.equal(pathFor(all, { session, item: 9, key: 'k' }), '/u17/s3/c40/pupil/9/k')
  t.strictSame(portalFacts(referencePortal), {
    loginPath: '/auth/login',
    tokenRequest: { method: 'GET', path: '/api/me', service: 'me' },
  })
})

test('a write has the size the portal says and carries its key', async (t) => {
  for (const page of Object.values(referencePortal.pages)) {
    for (const write of page.writes) {
      const { body, key } = writeRequest(write, { session, key: 'run-1-2-3' })
      t.ok(body.text.includes('run-1-2-3') && key === 'run-1-2-3', write.name)
      // Small forms cannot be smaller than their own frame.
      t.ok(body.text.length === write.bodyBytes || body.text.length < 80, write.name)
      if (body.contentType === 'application/json') t.equal(JSON.parse(body.text).kind, write.name)
    }
  }
})

test('only a target on this machine is accepted', async (t) => {
  for (const good of ['http://127.0.0.1:8080', 'http://127.1.2.3', 'http://[::1]:9/']) {
    t.equal(readTarget(good).origin, new URL(good).origin)
  }
  t.equal(readTarget('http://127.0.0.1:1').maySpreadSources, true)
  t.equal(readTarget('http://localhost:1').maySpreadSources, false)
  for (const bad of [
    'http://portal.example',
    'http://10.0.0.1',
    'http://127.0.0.1.example',
    'https://127.0.0.1',
    'http://127.0.0.1/path',
    'nonsense',
  ]) {
    t.throws(() => readTarget(bad), { code: 'target-refused', message: /--target/ }, bad)
  }
})
