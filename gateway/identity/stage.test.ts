import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'tap'
import { ask } from '../../test/support/client.ts'
import { openTestEdge } from '../../test/support/edge.ts'
import { exchangeFor } from '../../test/support/exchange.ts'
import type { WallMs } from '../../core/clock.ts'
import type { Answer, Exchange } from '../exchange.ts'
import { initKeys, type Keys, loadKeys } from '../keys/key-store.ts'
import { bindingStore } from './binding-store.ts'
import { passCookie } from './pass.ts'
import { buildIdentityStage } from './stage.ts'

const folder = mkdtempSync(join(tmpdir(), 'ecluse-identity-'))
after(() => rmSync(folder, { recursive: true }))
initKeys(folder)

const field = 'user="u17", school="s3", role="pupil", groups=("c40")'
const person = { user: 'u17', school: 's3', role: 'pupil', groups: ['c40'] }
const hourMs = 3_600_000

/** A process of the edge that has seen nobody yet. */
function freshStage(keys: Keys = loadKeys(folder)) {
  const parts = { keys, sessionHashKey: keys.sessionHashKey, store: bindingStore() }
  return buildIdentityStage({ ...parts, hasAdmission: () => false, onLogin: () => undefined })
}

function answerWith(...headers: string[]): Answer {
  return { status: 200, headers, body: null, outcome: { kind: 'served', from: 'origin' } }
}

/** A request with these cookies, recognised; `atMs` after the first one. */
function recognised(
  stage: ReturnType<typeof freshStage>,
  cookies: Readonly<Record<string, string>>,
  atMs = 0,
): Exchange {
  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`)
  const headers = cookie.length > 0 ? { cookie: cookie.join('; ') } : {}
  const exchange = exchangeFor({ headers, atMs })
  stage.recognise(exchange)
  return exchange
}

/** The pass that an exchange gives, '' when it takes it away, undefined when it says nothing. */
function passGiven({ addedHeaders }: Pick<Exchange, 'addedHeaders'>): string | undefined {
  const line = addedHeaders.findLast((text) => text.startsWith(`${passCookie}=`))
  return line?.slice(passCookie.length + 1, line.indexOf(';'))
}

/** Logs `session` in at a process of its own, and gives the pass back. */
function passFor(session: string): string {
  const stage = freshStage()
  const exchange = recognised(stage, {})
  stage.bind(
    exchange,
    answerWith('set-cookie', `PORTALSESSION=${session}`, 'ecluse-identity', field),
  )
  return passGiven(exchange) ?? ''
}

const rows: {
  what: string
  cookies: Readonly<Record<string, string>>
  atMs?: number
  isKnown: boolean
}[] = [
  { what: 'without cookies', cookies: {}, isKnown: false },
  { what: 'with a session alone', cookies: { PORTALSESSION: 'abc' }, isKnown: false },
  { what: 'with a pass alone', cookies: { [passCookie]: passFor('abc') }, isKnown: false },
  {
    what: 'with a session and its pass',
    cookies: { PORTALSESSION: 'abc', [passCookie]: passFor('abc') },
    isKnown: true,
  },
  {
    what: 'with the pass of another session',
    cookies: { PORTALSESSION: 'abc', [passCookie]: passFor('xyz') },
    isKnown: false,
  },
  {
    what: 'with a forged pass',
    cookies: { PORTALSESSION: 'abc', [passCookie]: `${passFor('abc').slice(0, -4)}AAAA` },
    isKnown: false,
  },
  {
    what: 'when the pass has expired',
    cookies: { PORTALSESSION: 'abc', [passCookie]: passFor('abc') },
    atMs: hourMs,
    isKnown: false,
  },
]

for (const { what, cookies, atMs, isKnown } of rows) {
  test(`a request ${what} is ${isKnown ? 'its person’s' : 'nobody’s'}`, async (t) => {
    const { identity } = recognised(freshStage(), cookies, atMs)
    t.same(identity.principal, isKnown ? person : null)
    t.equal(identity.isInside, isKnown)
  })
}

test('a pass is checked again for each session, also when it was seen before', async (t) => {
  const stage = freshStage()
  const pass = passFor('abc')
  t.ok(recognised(stage, { PORTALSESSION: 'abc', [passCookie]: pass }).identity.principal)
  t.notOk(recognised(stage, { PORTALSESSION: 'xyz', [passCookie]: pass }).identity.principal)
  const late = recognised(stage, { PORTALSESSION: 'abc', [passCookie]: pass }, hourMs)
  t.notOk(late.identity.principal, 'and its life is too')
})

test('active people get a newer pass after half of its life', async (t) => {
  const stage = freshStage()
  const cookies = { PORTALSESSION: 'abc', [passCookie]: passFor('abc') }
  t.equal(passGiven(recognised(stage, cookies, hourMs / 2)), undefined, 'not before')
  const renewed = passGiven(recognised(stage, cookies, hourMs / 2 + 1)) ?? ''
  const later = recognised(freshStage(), { ...cookies, [passCookie]: renewed }, hourMs + 1)
  t.same(later.identity.principal, person, 'it lasts longer than the first')
})

test('a client that keeps no cookies but its session is known where it logged in', async (t) => {
  const stage = freshStage()
  const login = recognised(stage, {})
  stage.bind(login, answerWith('set-cookie', 'PORTALSESSION=abc', 'ecluse-identity', field))
  t.same(recognised(stage, { PORTALSESSION: 'abc' }).identity.principal, person)
  t.equal(recognised(freshStage(), { PORTALSESSION: 'abc' }).identity.principal, null)
})

test('a session that changes hands is the new person’s at once', async (t) => {
  const stage = freshStage()
  const exchange = recognised(stage, { PORTALSESSION: 'abc', [passCookie]: passFor('abc') })
  stage.bind(exchange, answerWith('ecluse-identity', 'user="u18", role="parent"'))
  const next = recognised(stage, { PORTALSESSION: 'abc', [passCookie]: passFor('abc') })
  t.equal(next.identity.principal?.user, 'u18')
})

test('?0 ends the session, whatever pass it still shows', async (t) => {
  const stage = freshStage()
  const cookies = { PORTALSESSION: 'abc', [passCookie]: passFor('abc') }
  const logout = recognised(stage, cookies)
  stage.bind(logout, answerWith('ecluse-identity', '?0'))
  t.equal(passGiven(logout), '', 'the pass is taken away')
  t.equal(recognised(stage, cookies).identity.principal, null)
})

test('a field that makes no sense changes nothing and goes no further', async (t) => {
  for (const nonsense of ['user=', 'u17', 'user="u17', '', 'school="s3"']) {
    const stage = freshStage()
    const exchange = recognised(stage, { PORTALSESSION: 'abc' })
    const answer = stage.bind(exchange, answerWith('a', '1', 'ecluse-identity', nonsense))
    t.same(answer.headers, ['a', '1'], nonsense)
    t.equal(passGiven(exchange), undefined)
    t.equal(recognised(stage, { PORTALSESSION: 'abc' }).identity.principal, null)
  }
})

test('over the edge, a login gives a pass that every process takes', async (t) => {
  const edge = await openTestEdge({
    answer: (request, response) => {
      if (request.url === '/auth/return') {
        response.setHeader('set-cookie', 'PORTALSESSION=new-session; Path=/; HttpOnly')
        response.setHeader('ecluse-identity', field)
      }
      if (request.url === '/auth/logout') response.setHeader('ecluse-identity', '?0')
      response.end()
    },
  })
  t.teardown(edge.closeAll)
  const login = await ask(`${edge.url}/auth/return`, { headers: { cookie: 'PORTALSESSION=old' } })
  t.notOk('ecluse-identity' in login.headers, 'what the origin says to us stays with us')
  const [session, line = ''] = login.headers['set-cookie'] ?? []
  t.equal(session, 'PORTALSESSION=new-session; Path=/; HttpOnly')
  t.match(
    line,
    /^__Host-ecluse-pass=v1\..+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600$/,
  )
  const pass = line.slice(line.indexOf('=') + 1, line.indexOf(';'))
  const principalOf = (session: string) => {
    const exchange = exchangeFor({
      headers: { cookie: `PORTALSESSION=${session}; ${passCookie}=${pass}` },
    })
    const now = { ...exchange, wallAtMs: Date.now() as WallMs }
    freshStage(edge.keys).recognise(now)
    return now.identity.principal
  }
  t.same(principalOf('new-session'), person)
  t.equal(principalOf('old'), null, 'the session before the login is nobody’s')
  const headers = { cookie: `PORTALSESSION=new-session; ${passCookie}=${pass}` }
  const logout = await ask(`${edge.url}/auth/logout`, { headers })
  t.match(logout.headers['set-cookie']?.[0], /^__Host-ecluse-pass=; .*Max-Age=0$/)
})
