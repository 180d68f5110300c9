import { once } from 'node:events'
import { Agent, type IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { test } from 'tap'
import { ask, openRequest, talk } from '../test/support/client.ts'
import { openTestEdge } from '../test/support/edge.ts'
import { echo } from '../test/support/origin.ts'
import { targetMaxLength } from './routing/target.ts'

test('stopping drops nothing that is in flight, and does not wait for idle clients', async (t) => {
  const { promise: arrived, resolve: hasArrived } = Promise.withResolvers<void>()
  const finish: (() => void)[] = []
  const edge = await openTestEdge({
    answer: (request, response) => {
      if (request.url === '/begun') response.write('begun ')
      else hasArrived()
      finish.push(() => response.end('and ended'))
    },
    settings: { 'drain.seconds': 20 },
  })
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const begun = openRequest(`${edge.url}/begun`, { agent }).end()
  const [answer] = (await once(begun, 'response')) as [IncomingMessage]
  const asked = ask(`${edge.url}/asked`, { agent })
  await arrived
  const stoppedAtMs = performance.now()
  const closed = edge.closeAll()
  for (const end of finish) end()
  t.equal((await answer.toArray()).join(''), 'begun and ended', 'an answer that had begun')
  t.match(await asked, { body: 'and ended' }, 'a request that was on its way')
  await closed
  t.ok(performance.now() - stoppedAtMs < 5_000, 'connections that fell idle are closed')
  await t.rejects(ask(`${edge.url}/`), { code: 'ECONNREFUSED' })
})

test('the last answer before a stop asks the client to open another connection', async (t) => {
  let finish = (): void => undefined
  let arrived = (): void => undefined
  const hasArrived = new Promise<void>((resolve) => (arrived = resolve))
  const edge = await openTestEdge({
    answer: (_, response) => {
      finish = () => response.end('done')
      arrived()
    },
    settings: { 'drain.seconds': 20 },
  })
  const agent = new Agent({ keepAlive: true })
  const asked = ask(`${edge.url}/`, { agent })
  await hasArrived
  const closed = edge.closeAll()
  finish()
  t.match(await asked, { status: 200, body: 'done', headers: { connection: 'close' } })
  await closed
})

test('what takes longer than the drain is cut', async (t) => {
  const edge = await openTestEdge({
    answer: (_, response) => void response.write('begun'),
    settings: { 'drain.seconds': 1 },
  })
  const request = openRequest(`${edge.url}/`).end()
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  const read = answer.toArray()
  const closed = edge.closeAll()
  await t.rejects(read)
  await closed
})

const oddRequests: { readonly what: string; readonly bytes: string; readonly status?: RegExp }[] = [
  {
    what: 'expects a continue',
    bytes: post('Expect: 100-continue\r\n'),
    status: /^HTTP\/1\.1 100 /,
  },
  { what: 'expects what nobody knows', bytes: get('/', 'Expect: tea\r\n'), status: / 417 / },
  { what: 'asks for a websocket', bytes: get('/', upgrade('websocket')), status: / 200 / },
  { what: 'asks for HTTP/2', bytes: get('/', upgrade('h2c')), status: / 200 / },
  {
    what: 'names fields of the connection',
    bytes: get('/', 'Connection: host, te\r\nTE: trailers\r\n'),
  },
  {
    what: 'keeps alive in its own way',
    bytes: get('/', 'Keep-Alive: timeout=0\r\n'),
    status: / 200 /,
  },
  { what: 'has bytes over 127', bytes: get('/', 'X-Name: \xe9l\xe8ve\r\n'), status: / 200 / },
  { what: 'has a control byte', bytes: get('/', 'X-Name: a\x01b\r\n'), status: / 400 / },
  { what: 'has an empty field', bytes: get('/', 'X-Empty:\r\n'), status: / 200 / },
  { what: 'has a field name with a space', bytes: get('/', 'X Name: 1\r\n'), status: / 400 / },
  { what: 'has two lengths', bytes: post('Content-Length: 4\r\n'), status: / 400 / },
  {
    what: 'has a length and chunks',
    bytes: post('Transfer-Encoding: chunked\r\n'),
    status: / 400 /,
  },
  { what: 'has chunks that are none', bytes: chunked('zz\r\n'), status: / 400 / },
  { what: 'names no type of its content', bytes: post(''), status: / 200 / },
  { what: 'names a type that is none', bytes: post('Content-Type: ;;;\r\n'), status: / 200 / },
  { what: 'has no host', bytes: 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', status: / 400 / },
  { what: 'speaks HTTP/1.0', bytes: 'GET / HTTP/1.0\r\n\r\n', status: / 200 / },
  { what: 'is no HTTP', bytes: '\x16\x03\x01\x02\x00\x01\x00', status: / 400 / },
  {
    what: 'opens a tunnel',
    bytes: 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  },
  { what: 'has a method of its own', bytes: get('/').replace('GET', 'PROPFIND'), status: / 200 / },
  { what: 'searches with a body', bytes: post('').replace('POST', 'QUERY'), status: / 200 / },
  {
    what: 'has more header than fits',
    bytes: get('/', `X-Long: ${'x'.repeat(20_000)}\r\n`),
    status: / 431 /,
  },
  { what: 'has hundreds of fields', bytes: get('/', 'X-A: 1\r\n'.repeat(400)), status: / 200 / },
  { what: 'breaks its path', bytes: get('/%zz%'), status: / 200 / },
]

test('odd requests get an answer and leave the edge as it was', async (t) => {
  const edge = await openTestEdge({ answer: echo, settings: { 'origin.maxConnections': 4 } })
  t.teardown(edge.closeAll)
  for (const { what, bytes, status } of oddRequests) {
    const received = await talk(edge.url, bytes)
    if (status) t.match(received, status, `one that ${what}`)
  }
  const two = Array.from({ length: 200 }, (_, i) => oddRequests[i % oddRequests.length])
  for (let i = 0; i < two.length; i += 20) {
    await Promise.all(two.slice(i, i + 20).map((odd) => talk(edge.url, odd?.bytes ?? '')))
  }
  const normal = await Promise.all(Array.from({ length: 50 }, () => ask(`${edge.url}/`)))
  t.equal(normal.filter(({ status }) => status === 200).length, 50, 'fifty normal ones pass')
  t.equal(await edge.metric('ecluse_gate_in_flight', '{server="portal"}'), 0)
  t.same(edge.lines, [], 'nothing was a fault of ours')
})

test('a malformed target is rejected and never reaches the origin', async (t) => {
  let asked = 0
  const edge = await openTestEdge({
    answer: (_, response) => {
      asked += 1
      response.end()
    },
  })
  t.teardown(edge.closeAll)
  const targets = ['*', 'http://elsewhere/', 'a', '/a#b', `/${'a'.repeat(targetMaxLength)}`]
  for (const target of targets) {
    const method = target === '*' ? 'OPTIONS' : 'GET'
    const received = await talk(edge.url, get(target).replace('GET', method))
    t.match(received, /^HTTP\/1\.1 400 /, `${method} ${target.slice(0, 20)}`)
  }
  t.equal(asked, 0)
})

test('the target reaches the origin byte for byte', async (t) => {
  const edge = await openTestEdge({ answer: echo })
  t.teardown(edge.closeAll)
  const targets = [
    '/a/../b/./c',
    '//double//slash',
    '/%41%2f%2E%2e/;jsessionid=1?a=%20&b=+&&c',
    '/?',
    '/a?b?c=/../d',
    '/quotes\'"<>[]{}|\\^`',
    '/sg.do?PROC=A;B&ACTION=%C3%A9',
    `/${'long'.repeat(1_000)}`,
  ]
  for (const target of targets) {
    const received = await talk(edge.url, get(target))
    t.equal(JSON.parse(/\{.*\}/s.exec(received)?.[0] ?? '{}').url, target)
  }
})

test('the workers’ door opens for their token alone', async (t) => {
  const edge = await openTestEdge({ answer: echo })
  t.teardown(edge.closeAll)
  const url = `${edge.internalUrl}/api/messages`
  const principal = { user: 'u17', school: 's3', role: 'pupil', groups: [] }
  const headers = {
    'ecluse-apply': Buffer.from(JSON.stringify(principal)).toString('base64url'),
    'idempotency-key': 'k1',
  }
  t.equal((await ask(url, { method: 'POST', headers })).status, 401, 'without one')
  const wrong = { ...headers, 'ecluse-internal': edge.keys.operationsToken }
  t.equal((await ask(url, { method: 'POST', headers: wrong })).status, 401, 'with another one')
  const right = { ...headers, 'ecluse-internal': edge.keys.internalToken }
  const applied = await ask(url, { method: 'POST', headers: right, body: 'text' })
  t.equal(applied.status, 200)
  const { headers: forwarded, bodyBytes } = JSON.parse(applied.body)
  t.equal(bodyBytes, 4)
  const [version, payload, mac] = forwarded['ecluse-assertion'].split('.')
  t.equal(mac, edge.keys.assertionMac(`${version}.${payload}`), 'signed for the origin')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  t.match(claims, { ...principal, key: 'k1' })
  t.equal(claims.exp - claims.iat, 60_000, 'alive for a minute')
  t.equal(forwarded['ecluse-internal'], undefined, 'the token stays here')
  t.equal(forwarded['ecluse-apply'], undefined)
})

test('an edge that cannot have its ports leaves nothing open', async (t) => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.teardown(() => other.close())
  const taken = (other.address() as { port: number }).port
  const free = createServer()
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
  const front = (free.address() as { port: number }).port
  await new Promise((resolve) => free.close(resolve))
  await t.rejects(
    openTestEdge({ answer: echo, settings: { 'listen.port': front, 'internal.port': taken } }),
    { code: 'EADDRINUSE' },
  )
  await t.rejects(ask(`http://127.0.0.1:${front}/`), { code: 'ECONNREFUSED' })
})

function get(target: string, lines = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}\r\n`
}

function post(lines: string): string {
  return `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n${lines}\r\nabc`
}

function chunked(body: string): string {
  return `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${body}`
}

function upgrade(protocol: string): string {
  return `Connection: upgrade\r\nUpgrade: ${protocol}\r\n`
}
