import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { test } from 'tap'
import { ask, openRequest, talk, until } from '../../test/support/client.ts'
import { openTestEdge, plainPolicy, routeClass } from '../../test/support/edge.ts'
import { echo, openRawOrigin } from '../../test/support/origin.ts'
import { passCookie } from '../identity/pass.ts'

const hurried = routeClass('hurried', { match: { methods: ['GET'], path: '/**' }, deadlineMs: 150 })

/** What the origin of `echo` was asked. */
async function asked(received: string): Promise<{ headers: Record<string, string> }> {
  return JSON.parse(/\{.*\}/s.exec(received)?.[0] ?? '{}')
}

test('the origin is told who asks, and nothing that clients made up', async (t) => {
  const edge = await openTestEdge({ answer: echo })
  t.teardown(edge.closeAll)
  const lines = [
    'GET / HTTP/1.1',
    'Host: ent.example',
    'Connection: close, X-Secret',
    'X-Secret: 1',
    'X-Forwarded-For: 6.6.6.6',
    'X-Forwarded-Proto: https',
    'Forwarded: for=6.6.6.6',
    'Ecluse-Assertion: v1.forged.forged',
    'Ecluse-Apply: forged',
    `Cookie: PORTALSESSION=abc; ${passCookie}=v1.a.b.c; other=1`,
    'Accept-Language: fr',
  ]
  const { headers } = await asked(await talk(edge.url, `${lines.join('\r\n')}\r\n\r\n`))
  t.match(headers, {
    host: 'ent.example',
    'accept-language': 'fr',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': 'ent.example',
    'x-forwarded-proto': 'http',
    forwarded: 'for=127.0.0.1;host="ent.example";proto=http',
    cookie: 'PORTALSESSION=abc; other=1',
    'ecluse-attempt': '1',
    'ecluse-deadline-ms': /^(29\d{3}|30000)$/,
  })
  for (const name of ['x-secret', 'ecluse-assertion', 'ecluse-apply']) {
    t.notOk(name in headers, `${name} is not passed on`)
  }
})

test('our cookies alone leave no Cookie field', async (t) => {
  const edge = await openTestEdge({ answer: echo })
  t.teardown(edge.closeAll)
  const answer = await ask(edge.url, { headers: { cookie: `${passCookie}=v1.a.b.c` } })
  t.notOk('cookie' in JSON.parse(answer.body).headers)
})

test('behind trusted hops, the address and the scheme are the client’s', async (t) => {
  const session = { ...plainPolicy.session, trustedHops: 2 }
  const edge = await openTestEdge({ answer: echo, policy: { session } })
  t.teardown(edge.closeAll)
  const answer = await ask(edge.url, {
    headers: {
      'x-forwarded-for': 'forged, 6.6.6.6, 192.0.2.7, 10.0.0.1',
      'x-forwarded-proto': 'https',
    },
  })
  t.match(JSON.parse(answer.body).headers, {
    'x-forwarded-for': '192.0.2.7',
    'x-forwarded-proto': 'https',
  })
})

test('an answer goes back as the origin gave it, less what is between the two of us', async (t) => {
  const edge = await openTestEdge({
    answer: (_, response) => {
      response.writeHead(207, [
        ['Set-Cookie', 'a=1; Path=/'],
        ['Set-Cookie', 'b=2'],
        ['X-Name', Buffer.from('élève').toString('latin1')],
        ['Connection', 'X-Pool, keep-alive'],
        ['X-Pool', '7'],
        ['Ecluse-Audience', 'school'],
        ['Ecluse-Reason', 'gate-full'],
        ['Date', 'Mon, 16 Mar 2020 08:00:00 GMT'],
      ] as never)
      response.end('body')
    },
  })
  t.teardown(edge.closeAll)
  const { status, headers, body } = await ask(edge.url)
  t.equal(status, 207)
  t.equal(body, 'body')
  t.same(headers['set-cookie'], ['a=1; Path=/', 'b=2'])
  t.equal(Buffer.from(String(headers['x-name']), 'latin1').toString(), 'élève')
  t.equal(headers['date'], 'Mon, 16 Mar 2020 08:00:00 GMT', 'the origin’s clock')
  t.notOk('x-pool' in headers)
  t.notOk('ecluse-reason' in headers, 'an origin cannot speak for us')
})

test('an origin that does not answer in time is a 504', async (t) => {
  let leftAt: () => void = () => undefined
  const hasLeft = new Promise<void>((resolve) => (leftAt = resolve))
  const edge = await openTestEdge({
    answer: (_, response) => void response.on('close', leftAt),
    policy: { classes: [hurried] },
  })
  t.teardown(edge.closeAll)
  const answer = await ask(edge.url)
  t.equal(answer.status, 504)
  t.match(answer.headers, { 'ecluse-reason': 'origin-timeout', 'retry-after': /^\d+$/ })
  await hasLeft
  t.equal(await edge.metric('ecluse_gate_in_flight', '{server="portal"}'), 0, 'its slot is free')
})

test('an origin that only ever starts is a 504 as well', async (t) => {
  const origin = await openRawOrigin(
    (socket) => void socket.write('HTTP/1.1 102 Processing\r\n\r\n'),
  )
  const edge = await openTestEdge({ originUrl: origin.url, policy: { classes: [hurried] } })
  t.teardown(origin.close)
  t.teardown(edge.closeAll)
  t.equal((await ask(edge.url)).status, 504)
})

test('an origin that cannot be reached is a 502', async (t) => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  const edge = await openTestEdge({ originUrl: `http://127.0.0.1:${port}` })
  t.teardown(edge.closeAll)
  const answer = await ask(edge.url)
  t.equal(answer.status, 502)
  t.equal(answer.headers['ecluse-reason'], 'origin-unreachable')
})

const brokenAnswers = [
  { what: 'closes without a word', bytes: '', reason: 'origin-unreachable' },
  { what: 'speaks no HTTP', bytes: 'SSH-2.0-x\r\n\r\n', reason: 'origin-invalid' },
  {
    what: 'breaks off in its header',
    bytes: 'HTTP/1.1 200 OK\r\nX-',
    reason: 'origin-unreachable',
  },
  { what: 'breaks a field', bytes: 'HTTP/1.1 200 OK\r\nX: \x01\r\n\r\n', reason: 'origin-invalid' },
  {
    what: 'frames its body by nonsense',
    bytes: 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\na',
    reason: 'origin-invalid',
  },
]

for (const { what, bytes, reason } of brokenAnswers) {
  test(`an origin that ${what} is a 502`, async (t) => {
    const origin = await openRawOrigin((socket) => void socket.end(bytes, 'latin1'))
    const edge = await openTestEdge({ originUrl: origin.url })
    t.teardown(origin.close)
    t.teardown(edge.closeAll)
    const answer = await ask(edge.url)
    t.equal(answer.status, 502)
    t.equal(answer.headers['ecluse-reason'], reason)
  })
}

test('an origin that closes a kept connection does not cost the next request', async (t) => {
  let connections = 0
  const edge = await openTestEdge({
    answer: (_, response) => {
      connections += 1
      response.end('ok')
      setImmediate(() => response.socket?.destroy())
    },
    settings: { 'origin.maxConnections': 1 },
  })
  t.teardown(edge.closeAll)
  for (let i = 0; i < 20; i += 1) {
    const { status } = await ask(edge.url)
    if (status !== 200) t.equal(status, 502)
  }
  await until(async () => (await edge.metric('ecluse_gate_in_flight', '{server="portal"}')) === 0)
  t.equal((await ask(edge.url)).status, 200, 'the one connection is still to be had')
  t.ok(connections > 1)
})

test('a client that leaves while its upload is on the way ends it at the origin', async (t) => {
  let ended: (isComplete: boolean) => void = () => undefined
  const hasEnded = new Promise<boolean>((resolve) => (ended = resolve))
  let began: () => void = () => undefined
  const hasBegun = new Promise<void>((resolve) => (began = resolve))
  const edge = await openTestEdge({
    answer: (request) => {
      request.on('close', () => ended(request.complete))
      request.on('error', () => undefined)
      request.once('data', began)
    },
  })
  t.teardown(edge.closeAll)
  const request = openRequest(edge.url, { method: 'POST', headers: { 'content-length': '1000' } })
  request.on('error', () => undefined)
  request.write('the beginning')
  await hasBegun
  request.destroy()
  t.equal(await hasEnded, false, 'the origin knows that the upload is not whole')
  await until(async () => (await edge.metric('ecluse_gate_in_flight', '{server="portal"}')) === 0)
  t.equal(await edge.metric('ecluse_gate_in_flight', '{server="portal"}'), 0)
})

test('a write is heard out when its client leaves: its answer may say whose the session is', async (t) => {
  let began: (finish: () => void) => void = () => undefined
  const hasBegun = new Promise<() => void>((resolve) => (began = resolve))
  let ended: (isWhole: boolean) => void = () => undefined
  const hasEnded = new Promise<boolean>((resolve) => (ended = resolve))
  const edge = await openTestEdge({
    answer: (request, response) => {
      if (request.method !== 'POST') return void response.end()
      response.on('close', () => ended(response.writableFinished))
      began(() => response.end())
    },
  })
  t.teardown(edge.closeAll)
  const request = openRequest(edge.url, { method: 'POST', headers: { 'content-length': '0' } })
  request.on('error', () => undefined)
  request.end()
  const finish = await hasBegun
  request.destroy()
  // Comes after the news that the first client left.
  await ask(edge.url)
  finish()
  t.equal(await hasEnded, true, 'the origin was not cut')
  await until(async () => (await edge.metric('ecluse_gate_in_flight', '{server="portal"}')) === 0)
  t.equal(
    await edge.metric('ecluse_gate_in_flight', '{server="portal"}'),
    0,
    'and its slot is free',
  )
})

test('the first answer to an upload may come before its last byte', async (t) => {
  const edge = await openTestEdge({
    answer: (request, response) => {
      request.once('data', () => response.write('while you speak'))
      request.once('end', () => response.end(', and after'))
    },
  })
  t.teardown(edge.closeAll)
  const request = openRequest(edge.url, { method: 'POST' })
  request.write('begin')
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  request.end('end')
  t.equal((await answer.toArray()).join(''), 'while you speak, and after')
})
