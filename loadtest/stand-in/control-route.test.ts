import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { logIn, portalFor, statisticsOf, temporaryFolder } from './visitor-client.ts'
import { command } from './visitor-client.ts'

test('database time is useful only for correct answers that came in time', async (t) => {
  const portal = await portalFor(t)
  const { cookie } = await logIn(portal)
  const askIn = async (phase: string, headers: Record<string, string>) => {
    await command(portal, 'phase', { name: phase })
    await (await fetch(`${portal.url}/api/me/feed`, { headers })).text()
    const { phases } = await statisticsOf(portal)
    return phases[phase] ?? {}
  }
  const inTime = await askIn('in-time', { cookie })
  t.ok((inTime['poolSecondsUseful'] ?? 0) > 0.02, 'nominal time, not the hundredth it was held')
  t.ok((inTime['poolSecondsBusy'] ?? 1) < (inTime['poolSecondsUseful'] ?? 0))
  const rows = [
    ['soon', { cookie, 'x-rehearsal-deadline': String(Date.now() + 60_000) }, true, 0],
    ['late', { cookie, 'x-rehearsal-deadline': String(Date.now() - 1) }, false, 1],
    ['stranger', {}, false, 0],
  ] as const
  for (const [phase, headers, isUseful, servedLate] of rows) {
    const statistics = await askIn(phase, headers)
    t.equal((statistics['poolSecondsUseful'] ?? 0) > 0, isUseful, phase)
    t.match(statistics, { requests: 1, servedLate })
  }
})

test('a share of errors fails requests after their work and applies no write', async (t) => {
  const portal = await portalFor(t)
  const visitor = await logIn(portal)
  await command(portal, 'phase', { name: 'broken' })
  await command(portal, 'faults', { errorShare: 1 })
  t.equal((await visitor.write('k1')).status, 500)
  t.equal((await visitor.get('/api/me')).status, 500)
  const { phases, writesApplied } = await statisticsOf(portal)
  t.equal(writesApplied, 0)
  t.match(phases['broken'], { byStatus: { 500: 2 }, poolSecondsUseful: 0 })
  t.ok((phases['broken']?.['poolSecondsBusy'] ?? 0) > 0)
})

test('a repeat of an applied write is not useful again', async (t) => {
  const portal = await portalFor(t, { deduplicate: 'on' })
  const visitor = await logIn(portal)
  await visitor.write('k1')
  await command(portal, 'phase', { name: 'repeat' })
  await visitor.write('k1')
  const { phases } = await statisticsOf(portal)
  t.match(phases['repeat'], { byStatus: { 201: 1 }, poolSecondsUseful: 0 })
})

test('wrong commands change nothing and say what was expected', async (t) => {
  const portal = await portalFor(t)
  const wrong = await command(portal, 'faults', { errorShare: 2 })
  t.equal(wrong.status, 400)
  t.match(await wrong.json(), { problems: [/^errorShare: expected a number from 0 to 1/] })
  t.equal((await command(portal, 'phase', { name: 'Not A Name' })).status, 400)
  t.equal((await command(portal, 'nothing', {})).status, 404)
})

test('no web page can give commands', async (t) => {
  const portal = await portalFor(t)
  const url = `${portal.controlUrl}/faults`
  const headers = { origin: 'https://school.example' }
  t.equal((await fetch(url, { method: 'POST', headers, body: '{}' })).status, 403)
})

const key = 'a-key-of-at-least-sixteen-bytes'

function assertion(changes: object = {}, signedWith = key): string {
  const iat = Date.now()
  const claims = { user: 'u17', school: 's3', role: 'pupil', key: 'k1', iat, exp: iat + 60_000 }
  const payload = Buffer.from(JSON.stringify({ ...claims, ...changes })).toString('base64url')
  const text = `v1.${payload}`
  return `${text}.${createHmac('sha256', signedWith).update(text).digest('base64url')}`
}

test('a write on behalf needs a signed, fresh assertion for its own key, and no session', async (t) => {
  const assertionKeyFile = join(temporaryFolder(t), 'key')
  writeFileSync(assertionKeyFile, `${key}\n`)
  const portal = await portalFor(t, { assertionKeyFile })
  const apply = (value: string, path = '/api/messages/4/read') =>
    fetch(portal.url + path, {
      method: 'POST',
      body: '{}',
      headers: { 'idempotency-key': 'k1', 'ecluse-assertion': value },
    })
  const [version, payload] = assertion().split('.')
  const refused = {
    forged: assertion({}, 'another-key-of-sixteen-bytes'),
    altered: `${version}.${payload}A.${assertion().split('.')[2]}`,
    unsigned: `${version}.${payload}.`,
    expired: assertion({ exp: Date.now() - 1 }),
    'for another key': assertion({ key: 'k2' }),
    incomplete: assertion({ school: 3 }),
    empty: '',
  }
  for (const [what, value] of Object.entries(refused)) {
    t.equal((await apply(value)).status, 401, what)
  }
  t.equal((await statisticsOf(portal)).writesApplied, 0)
  const applied = await apply(assertion())
  t.equal(applied.status, 201)
  t.match(await applied.json(), { key: 'k1', canary: 'canary-u17-x' })
  t.equal((await apply(assertion(), '/api/classes/c40/attendance')).status, 201)
  const reading = await fetch(`${portal.url}/api/me`, {
    headers: { 'idempotency-key': 'k1', 'ecluse-assertion': assertion() },
  })
  t.equal(reading.status, 401, 'reads are never on behalf')
})

test('a portal that was given no key believes no assertion', async (t) => {
  const portal = await portalFor(t)
  const answer = await fetch(`${portal.url}/api/messages/4/read`, {
    method: 'POST',
    body: '{}',
    headers: { 'idempotency-key': 'k1', 'ecluse-assertion': assertion() },
  })
  t.equal(answer.status, 401)
})
