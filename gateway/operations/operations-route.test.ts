import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { ask, talk } from '../../test/support/client.ts'
import { openTestEdge, plainPolicy, routeClass, type TestEdge } from '../../test/support/edge.ts'
import { echo } from '../../test/support/origin.ts'
import { loadPolicy } from '../policy/policy-reader-store.ts'

const page = routeClass('page', { match: { methods: ['GET'], path: '/page' } })
const first = { ...plainPolicy, version: 1, classes: [page] }
const closing = JSON.stringify({ ...first, version: 2, closed: ['page'] })

function authority({ keys }: TestEdge) {
  return { authorization: `Bearer ${keys.operationsToken}` }
}

function put(edge: TestEdge, body: string, headers: Record<string, string> = authority(edge)) {
  return ask(`${edge.operationsUrl}/policy`, { method: 'PUT', body, headers })
}

async function versionOf(edge: TestEdge): Promise<number> {
  return JSON.parse((await ask(`${edge.operationsUrl}/policy`)).body).version
}

test('health and metrics are open to whoever reaches the port by its own name', async (t) => {
  const edge = await openTestEdge({ answer: echo, policy: first })
  t.teardown(edge.closeAll)
  const health = await ask(`${edge.operationsUrl}/health`)
  t.equal(health.status, 200)
  t.match(JSON.parse(health.body), { isReady: true, state: 'ready', degraded: [] })
  await ask(`${edge.url}/page`)
  t.equal(await edge.metric('ecluse_requests_total', '{class="page",outcome="origin"}'), 1)
  const front = await ask(`${edge.url}/.ecluse/health`)
  t.same(JSON.parse(front.body), { state: 'ready' }, 'people’s port says less')
})

test('any other name is refused, as a rebound DNS name would be', async (t) => {
  const edge = await openTestEdge({ answer: echo })
  t.teardown(edge.closeAll)
  const { port } = new URL(edge.operationsUrl)
  const rows = [
    { host: `127.0.0.1:${port}`, status: 200 },
    { host: 'localhost', status: 200 },
    { host: 'LOCALHOST:1', status: 200 },
    { host: '[::1]:8081', status: 200 },
    { host: 'evil.example', status: 421 },
    { host: `evil.example:${port}`, status: 421 },
    { host: 'localhost.evil.example', status: 421 },
    { host: '127.0.0.1.evil.example', status: 421 },
  ]
  for (const { host, status } of rows) {
    for (const path of ['/health', '/metrics', '/policy']) {
      const answer = await ask(`${edge.operationsUrl}${path}`, { headers: { host } })
      t.equal(answer.status, status, `${path} at "${host}"`)
    }
  }
  const nameless = 'GET /policy HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'
  t.match(await talk(edge.operationsUrl, nameless), /^HTTP\/1\.1 421 /)
})

test('a change needs the token, and comes from no page of another site', async (t) => {
  const edge = await openTestEdge({ answer: echo, policy: first })
  t.teardown(edge.closeAll)
  const { keys } = edge
  const bearer = authority(edge)
  const rows: { what: string; headers: Record<string, string>; status: number }[] = [
    { what: 'no token', headers: {}, status: 401 },
    { what: 'an empty one', headers: { authorization: 'Bearer ' }, status: 401 },
    {
      what: 'another one',
      headers: { authorization: `Bearer ${keys.internalToken}` },
      status: 401,
    },
    {
      what: 'a password',
      headers: { authorization: `Basic ${keys.operationsToken}` },
      status: 401,
    },
    { what: 'an origin', headers: { ...bearer, origin: 'https://evil.example' }, status: 403 },
    { what: 'no origin at all', headers: { ...bearer, origin: 'null' }, status: 403 },
    {
      what: 'a page of the same site',
      headers: { ...bearer, origin: edge.operationsUrl, 'sec-fetch-site': 'same-site' },
      status: 403,
    },
  ]
  for (const { what, headers, status } of rows) {
    t.equal((await put(edge, closing, headers)).status, status, what)
    const revert = { method: 'POST', headers }
    t.equal((await ask(`${edge.operationsUrl}/policy/revert`, revert)).status, status, what)
  }
  t.equal(await versionOf(edge), 1, 'nothing changed')
  const ownPage = { ...bearer, origin: edge.operationsUrl, 'sec-fetch-site': 'same-origin' }
  t.equal((await put(edge, closing, ownPage)).status, 200, 'our own page with the token')
})

test('a policy put in force decides the next request', async (t) => {
  const edge = await openTestEdge({ answer: echo, policy: first })
  t.teardown(edge.closeAll)
  t.equal((await ask(`${edge.url}/page`)).status, 200)
  const answer = await put(edge, closing)
  t.equal(answer.status, 200)
  t.match(JSON.parse(answer.body), { version: 2, isTold: true, notReached: [] })
  t.equal((await put(edge, closing)).status, 200, 'the same again changes nothing')
  const closed = await ask(`${edge.url}/page`)
  t.equal(closed.status, 503)
  t.equal(closed.headers['ecluse-reason'], 'class-closed')
  t.equal((await ask(`${edge.url}/other`)).status, 200, 'the rest is untouched')
  t.match(edge.lines, ['audit: policy 2 put in force'])
})

test('a refused policy changes nothing and says everything that is wrong', async (t) => {
  const edge = await openTestEdge({ answer: echo, policy: first })
  t.teardown(edge.closeAll)
  const text = JSON.stringify({ ...first, version: 0, colour: 'red' }, null, 2)
  const answer = await put(edge, text)
  t.equal(answer.status, 422)
  t.equal(JSON.parse(answer.body).problems.length, 2)
  t.equal((await put(edge, '')).status, 422, 'an empty one')
  t.equal((await put(edge, 'x'.repeat(1_100_000))).status, 413, 'one that is too large')
  t.equal(await versionOf(edge), 1)
  t.equal((await ask(`${edge.url}/page`)).status, 200)
  t.same(edge.lines, [], 'nothing to audit')
})

test('a policy of a version that is not higher is refused, and says so', async (t) => {
  const edge = await openTestEdge({ answer: echo, policy: { ...first, version: 2 } })
  t.teardown(edge.closeAll)
  const answer = await put(edge, closing)
  t.equal(answer.status, 409)
  t.match(JSON.parse(answer.body).error, /more than 2/)
  t.equal((await ask(`${edge.url}/page`)).status, 200)
  t.same(edge.lines, [])
})

test('the policy before can be put back', async (t) => {
  const edge = await openTestEdge({ answer: echo, policy: first })
  t.teardown(edge.closeAll)
  const revert = () =>
    ask(`${edge.operationsUrl}/policy/revert`, { method: 'POST', headers: authority(edge) })
  t.equal((await revert()).status, 409, 'there is none yet')
  await put(edge, closing)
  const back = await revert()
  t.match(JSON.parse(back.body), { version: 3 }, 'as a version of its own')
  t.equal((await ask(`${edge.url}/page`)).status, 200)
})

test('the policy in force is kept over a restart', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-operations-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'last-good.json')
  const settings = { 'policy.lastGoodFile': file }
  const edge = await openTestEdge({ answer: echo, policy: first, settings })
  t.teardown(edge.closeAll)
  await put(edge, closing)
  t.match(loadPolicy(file), { version: 2, closed: ['page'] })
})

test('a request that was under way keeps the policy it came with', async (t) => {
  let finish = (): void => undefined
  let arrived = (): void => undefined
  const hasArrived = new Promise<void>((resolve) => (arrived = resolve))
  const edge = await openTestEdge({
    answer: (_, response) => {
      finish = () => response.end('whole')
      arrived()
    },
    policy: first,
  })
  t.teardown(edge.closeAll)
  const asked = ask(`${edge.url}/page`)
  await hasArrived
  await put(edge, closing)
  finish()
  t.match(await asked, { status: 200, body: 'whole' })
})
