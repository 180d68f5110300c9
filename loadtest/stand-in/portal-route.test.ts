import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { test } from 'tap'
import { fingerprintOf } from '../../scenarios/portals/fingerprint.ts'
import { logIn, portalFor, postLogin, pupil, temporaryFolder } from './visitor-client.ts'
import { command, statisticsOf, until } from './visitor-client.ts'

test('the login chain opens a session, and its ticket is good once', async (t) => {
  const portal = await portalFor(t, { ecluseFields: 'on' })
  const school = await fetch(`${portal.url}/schools/s3`)
  t.equal(school.headers.get('cache-control'), 'public, max-age=60, stale-if-error=86400')
  t.equal((await fetch(`${portal.url}/auth/login`)).headers.get('set-cookie'), null)
  const form = await postLogin(portal)
  t.equal(form.status, 303)
  const ticket = form.headers.get('location') ?? ''
  t.match(ticket, /^\/auth\/return\?ticket=ST-/)
  const landed = await fetch(portal.url + ticket, { redirect: 'manual' })
  t.equal(landed.headers.get('location'), '/portal/home')
  t.match(
    landed.headers.get('set-cookie'),
    /^PORTALSESSION=\S{24}; Path=\/; HttpOnly; SameSite=Lax$/,
  )
  const identity = 'user="u17", school="s3", role="pupil", groups=("c40")'
  t.equal(landed.headers.get('ecluse-identity'), identity)
  const again = await fetch(portal.url + ticket, { redirect: 'manual' })
  t.equal(again.headers.get('location'), '/auth/login')
  t.equal(again.headers.get('set-cookie'), null)
})

test('a wrong password, an incomplete form or a refusing provider opens nothing', async (t) => {
  const portal = await portalFor(t)
  t.equal((await postLogin(portal, pupil, 'wrong')).status, 401)
  t.equal((await postLogin(portal, { ...pupil, class: '' })).status, 400)
  await command(portal, 'faults', { refuseLogins: true })
  t.equal((await postLogin(portal)).status, 503)
  t.equal((await statisticsOf(portal)).sessions, 0)
})

test('without a session pages lead to the login form and data is refused', async (t) => {
  const portal = await portalFor(t)
  const page = await fetch(`${portal.url}/portal/home`, { redirect: 'manual' })
  t.equal(page.status, 303)
  t.equal(page.headers.get('location'), '/auth/login')
  t.equal((await fetch(`${portal.url}/api/me`)).status, 401)
})

test('each answer names its owner, and says who may share it', async (t) => {
  const portal = await portalFor(t, { ecluseFields: 'on' })
  const visitor = await logIn(portal)
  const rows = [
    ['/portal/home', 'canary-r-pupil-x', 'role', 'private, no-cache'],
    ['/api/me', 'canary-u17-x', null, 'private, no-store'],
    ['/api/me/feed?page=0', 'canary-u17-x', null, 'private, no-cache'],
    ['/api/me/messages/4', 'canary-u17-x', null, 'private, no-store'],
    ['/api/classes/c40/homework', 'canary-c40-x', 'group', 'private, no-cache'],
    ['/api/schools/s3/news', 'canary-s3-x', 'school', 'private, no-cache'],
    ['/api/schools/s3/documents/4', 'canary-s3-x', 'school', 'private, no-cache'],
    ['/schools/s3', undefined, 'public', 'public, max-age=60, stale-if-error=86400'],
  ] as const
  for (const [path, canary, audience, caching] of rows) {
    const answer = await visitor.get(path)
    const found = (await answer.text()).match(/canary-(u|c|s|r)-?([a-z0-9]+)-x/g) ?? []
    t.same(found, canary === undefined ? [] : [canary], path)
    t.equal(answer.headers.get('ecluse-audience'), audience, path)
    t.equal(answer.headers.get('cache-control'), caching, path)
  }
  t.equal((await visitor.get('/portal/home')).headers.get('x-form-token'), null)
  t.match(await visitor.me.json(), { formToken: visitor.token, user: 'u17' })
})

test('with the fields switched off no answer carries one', async (t) => {
  const portal = await portalFor(t)
  const visitor = await logIn(portal)
  const answers = [visitor.landed, visitor.me, await visitor.get('/api/schools/s3/news')]
  const names = answers.flatMap((answer) => [...answer.headers.keys()])
  t.same(
    names.filter((name) => name.startsWith('ecluse')),
    [],
  )
})

test('the class and the school of others are refused', async (t) => {
  const visitor = await logIn(await portalFor(t))
  t.equal((await visitor.get('/api/classes/c41/homework')).status, 403)
  t.equal((await visitor.get('/api/schools/s4/news')).status, 403)
})

test('logging out ends the session', async (t) => {
  const portal = await portalFor(t, { ecluseFields: 'on' })
  const { cookie, token, get } = await logIn(portal)
  const headers = { cookie, 'x-form-token': token }
  const out = await fetch(`${portal.url}/auth/logout`, {
    method: 'POST',
    headers,
    body: '{}',
    redirect: 'manual',
  })
  t.equal(out.headers.get('ecluse-identity'), '?0')
  t.match(out.headers.get('set-cookie'), /Max-Age=0/)
  t.equal((await get('/api/me')).status, 401)
})

test('files are immutable, validated by tag, and found under their fingerprint only', async (t) => {
  const portal = await portalFor(t)
  const path = `${portal.url}/assets/${fingerprintOf('app.js')}/app.js`
  const whole = await fetch(path)
  const tag = whole.headers.get('etag') ?? ''
  t.equal((await whole.arrayBuffer()).byteLength, 75_000)
  t.equal(whole.headers.get('cache-control'), 'public, max-age=31536000, immutable')
  t.ok(whole.headers.get('last-modified'))
  const unchanged = await fetch(path, { headers: { 'if-none-match': `"other", W/${tag}` } })
  t.equal(unchanged.status, 304)
  t.equal(unchanged.headers.get('etag'), tag)
  t.equal((await fetch(path, { headers: { 'if-none-match': '"other"' } })).status, 200)
  t.equal((await fetch(`${portal.url}/assets/00000000/app.js`)).status, 404)
})

test('a write needs the fresh form token of its own session and a key', async (t) => {
  const portal = await portalFor(t, { formTokenSeconds: 0.3 })
  const visitor = await logIn(portal)
  const other = await logIn(portal, { ...pupil, account: 'u18' })
  const wrong = await visitor.write('k1', { 'x-form-token': other.token })
  t.equal(wrong.status, 403)
  t.match(await wrong.json(), { error: 'form-token' })
  t.equal((await visitor.write('', {})).status, 400)
  const expiresAtMs = performance.now() + 300
  while (performance.now() < expiresAtMs) await visitor.get('/api/me/rights')
  t.equal((await visitor.write('k1')).status, 403, 'stale')
  const fresh = (await visitor.get('/api/me')).headers.get('x-form-token') ?? ''
  t.equal((await visitor.write('k1', { 'x-form-token': fresh })).status, 201)
  t.equal((await statisticsOf(portal)).writesApplied, 1)
})

test('telemetry needs no form token and is no applied write', async (t) => {
  const portal = await portalFor(t)
  const { cookie } = await logIn(portal)
  const answer = await fetch(`${portal.url}/api/telemetry`, {
    method: 'POST',
    headers: { cookie },
    body: '{}',
  })
  t.equal(answer.status, 204)
  t.equal((await statisticsOf(portal)).writesApplied, 0)
})

test('a repeated key is applied once with deduplication and twice without', async (t) => {
  for (const deduplicate of ['on', 'off']) {
    const ledger = join(temporaryFolder(t), 'ledger')
    const portal = await portalFor(t, { deduplicate, ledger, sessionLock: 'off' })
    const visitor = await logIn(portal)
    const answers = await Promise.all([visitor.write('k1'), visitor.write('k1')])
    const bodies = await Promise.all(answers.map((answer) => answer.text()))
    t.same(
      answers.map(({ status }) => status),
      [201, 201],
    )
    const isOn = deduplicate === 'on'
    t.equal(bodies[0] === bodies[1], isOn)
    const other = await logIn(portal, { ...pupil, account: 'u18' })
    await other.write('k1')
    const { writesApplied, duplicatesRefused } = await statisticsOf(portal)
    t.same([writesApplied, duplicatesRefused], isOn ? [2, 1] : [3, 0])
    t.equal(readFileSync(ledger, 'utf8').match(/"key":"k1"/g)?.length, isOn ? 2 : 3)
  }
})

test('an upload is applied whole, and its hash is that of the bytes sent', async (t) => {
  const ledger = join(temporaryFolder(t), 'ledger')
  const portal = await portalFor(t, { ledger })
  const { cookie, token } = await logIn(portal)
  const body = Buffer.alloc(900_000, 'photo')
  const headers = { cookie, 'x-form-token': token, 'idempotency-key': 'k1' }
  const url = `${portal.url}/api/workspace/files`
  const answer = await fetch(url, { method: 'POST', headers, body })
  t.match(await answer.json(), { key: 'k1', id: 'w1' })
  const entry = JSON.parse(readFileSync(ledger, 'utf8'))
  t.equal(entry.hash, createHash('sha256').update(body).digest('hex'))
  t.match(entry, { order: 1, principal: 'u17', kind: 'upload' })
  const huge = await fetch(url, { method: 'POST', headers, body: Buffer.alloc(10_000_001) })
  t.equal(huge.status, 413)
})

test('a full session table refuses the next login', async (t) => {
  const portal = await portalFor(t, { sessionCap: 1 })
  const first = await logIn(portal)
  const second = await logIn(portal, { ...pupil, account: 'u18' })
  t.equal(second.landed.status, 503)
  t.equal((await first.get('/api/me')).status, 200)
})

test('a write whose client has left is applied all the same', async (t) => {
  const portal = await portalFor(t, { databaseSlots: 1 })
  const { cookie, token } = await logIn(portal)
  await command(portal, 'faults', { stalled: true })
  const leaving = request(`${portal.url}/api/messages/4/read`, {
    method: 'POST',
    headers: { cookie, 'x-form-token': token, 'idempotency-key': 'k1', 'content-length': 2 },
  })
  leaving.on('error', () => {})
  leaving.end('{}')
  await until(portal, ({ workersBusy }) => workersBusy === 1)
  leaving.destroy()
  await command(portal, 'phase', { name: 'after' })
  await command(portal, 'faults', { stalled: false })
  const { phases, writesApplied } = await until(portal, ({ inFlight }) => inFlight === 0)
  t.equal(writesApplied, 1)
  t.match(phases['after'], { requests: 1, clientGone: 1, byStatus: {}, poolSecondsUseful: 0 })
})

test('a read-only database serves pages, refuses writes and applies none', async (t) => {
  const portal = await portalFor(t)
  const { write, get } = await logIn(portal)
  await command(portal, 'faults', { readOnly: true })
  t.equal((await write('k1')).status, 503)
  t.equal((await get('/api/me')).status, 200)
  await command(portal, 'faults', { readOnly: false })
  t.equal((await write('k1')).status, 201)
  t.equal((await statisticsOf(portal)).writesApplied, 1)
})

test('a write whose answer is lost is applied; its author cannot know', async (t) => {
  const portal = await portalFor(t)
  const { write, get } = await logIn(portal)
  await command(portal, 'faults', { lostAnswerShare: 1 })
  await t.rejects(write('k1'))
  t.equal((await get('/api/me')).status, 200, 'reads are answered')
  t.equal((await statisticsOf(portal)).writesApplied, 1)
})
