import { once } from 'node:events'
import { Agent, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import { ask, dial, openRequest, talk, until } from '../test/support/client.ts'
import { openTestEdge, routeClass } from '../test/support/edge.ts'
import { echo, openRawOrigin } from '../test/support/origin.ts'
import { pieces, plentyBytes } from '../test/support/streams.ts'

const fiveMegabytes = 5 * 1024 * 1024

test('a client that leaves ends the request at the origin', async (t) => {
  const rows = [
    { when: 'before the answer', start: () => undefined },
    { when: 'in the middle of it', start: (response: ServerResponse) => response.write('some') },
  ]
  for (const { when, start } of rows) {
    let left: () => void = () => undefined
    const hasLeft = new Promise<void>((resolve) => (left = resolve))
    let began: () => void = () => undefined
    const hasBegun = new Promise<void>((resolve) => (began = resolve))
    const edge = await openTestEdge({
      answer: (_, response) => {
        response.on('close', left)
        start(response)
        began()
      },
    })
    t.teardown(edge.closeAll)
    const request = openRequest(`${edge.url}/`)
    request.on('error', () => undefined)
    request.on('response', (answer) => answer.on('error', () => undefined).resume())
    request.end()
    await hasBegun
    if (when === 'in the middle of it') await once(request, 'response')
    request.destroy()
    await hasLeft
    t.pass(`the origin stops working for a client that left ${when}`)
    const abandoned = () =>
      edge.metric('ecluse_requests_total', '{class="unknown",outcome="abandoned"}')
    await until(async () => (await abandoned()) === 1)
    t.equal(await abandoned(), 1, `the request that was left ${when} is counted as abandoned`)
    t.equal(await edge.metric('ecluse_gate_in_flight', '{server="portal"}'), 0, 'its slot is free')
  }
})

test('pipelined requests are answered in order', async (t) => {
  const edge = await openTestEdge({
    answer: (request, response) => {
      // The first takes longest.
      void setTimeout(request.url === '/1' ? 40 : 0).then(() => response.end(`<${request.url}>`))
    },
  })
  t.teardown(edge.closeAll)
  const three = ['/1', '/2', '/3'].map(get)
  const received = await talk(edge.url, three.join(''), (text) => text.includes('</3>'))
  t.same(
    [...received.matchAll(/<(\/\d)>/g)].map(([, path]) => path),
    ['/1', '/2', '/3'],
  )
})

test('an answer that breaks behind another one breaks the connection, not the people behind it', async (t) => {
  const edge = await openTestEdge({
    answer: (request, response) => {
      if (request.url !== '/2') return void setTimeout(60).then(() => response.end('whole'))
      response.writeHead(200, { 'content-length': '10' })
      response.write('some', () => response.destroy())
    },
  })
  t.teardown(edge.closeAll)
  const received = await Promise.race([
    talk(edge.url, ['/1', '/2', '/3'].map(get).join('')),
    setTimeout(5_000, 'still waiting'),
  ])
  t.not(received, 'still waiting')
})

test('a client that pipelines and leaves holds nothing back', async (t) => {
  let open = 0
  let opened = 0
  const edge = await openTestEdge({
    answer: (request, response) => {
      open += 1
      opened += 1
      response.on('close', () => (open -= 1))
      // The first is never answered, so that the others have nowhere to go.
      if (request.url !== '/first') pieces(plentyBytes).pipe(response)
    },
  })
  t.teardown(edge.closeAll)
  const socket = dial(edge.url)
  socket.write(`GET /first HTTP/1.1\r\nHost: a\r\n\r\n${get('/').repeat(7)}`)
  await until(async () => opened === 8)
  socket.destroy()
  await until(async () => open === 0)
  t.equal(open, 0, 'nothing is open at the origin')
  t.equal(await edge.metric('ecluse_gate_in_flight', '{server="portal"}'), 0, 'every slot is free')
})

test('HEAD, 204 and 304 have no body, and the connection lives on', async (t) => {
  const edge = await openTestEdge({
    answer: (request, response) => {
      const status = Number(request.url?.slice(1))
      if (status === 200) response.setHeader('content-length', '5')
      response.writeHead(status, { etag: '"e"' })
      response.end(status === 200 ? 'hello' : undefined)
    },
  })
  t.teardown(edge.closeAll)
  const rows = ['HEAD /200', 'GET /204', 'GET /304']
  const text = rows.map((row) => `${row} HTTP/1.1\r\nHost: a\r\n\r\n`).join('')
  const last = 'GET /200 HTTP/1.1\r\nHost: a\r\n\r\n'
  const received = await talk(edge.url, text + last, (answer) => answer.endsWith('hello'))
  t.same(
    [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ['200', '204', '304', '200'],
  )
  t.equal(received.split('hello').length, 2, 'one body')
  t.equal(received.split('content-length: 5').length, 3, 'HEAD keeps the length')
  t.notMatch(received, /transfer-encoding/i)
})

test('interim responses stay between the edge and the origin', async (t) => {
  const edge = await openTestEdge({
    answer: (_, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' })
      response.writeProcessing()
      response.end('final')
    },
  })
  t.teardown(edge.closeAll)
  const received = await talk(edge.url, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  t.match(received, /^HTTP\/1\.1 200 /)
  t.match(received, /final/)
})

test('an answer that breaks half-way breaks the connection to the client', async (t) => {
  const origin = await openRawOrigin((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this')
    setImmediate(() => socket.resetAndDestroy())
  })
  const edge = await openTestEdge({ originUrl: origin.url })
  t.teardown(origin.close)
  t.teardown(edge.closeAll)
  await t.rejects(ask(`${edge.url}/`), 'nobody takes it for whole')
})

test('a mistake of ours is an honest page, and somebody hears of it', async (t) => {
  const edge = await openTestEdge({
    answer: echo,
    // Not a policy the reader would pass: a class without rules makes the stages fail.
    policy: { session: undefined as never },
  })
  t.teardown(edge.closeAll)
  const answer = await ask(`${edge.url}/`)
  t.equal(answer.status, 500)
  t.match(answer.headers, { 'ecluse-reason': 'edge-failure', 'cache-control': 'no-store' })
  t.match(edge.lines.join('\n'), /fault: TypeError/)
})

test('an answer that comes before the upload has ended leaves the connection usable', async (t) => {
  const edge = await openTestEdge({
    answer: (_, response) => response.writeHead(403, { 'content-type': 'text/plain' }).end('no'),
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(edge.closeAll)
  t.teardown(() => agent.destroy())
  const body = Buffer.alloc(fiveMegabytes, 'x')
  for (const attempt of ['first', 'second', 'third']) {
    t.match(
      await ask(`${edge.url}/`, { method: 'POST', body, agent }),
      { status: 403, body: 'no' },
      attempt,
    )
  }
})

test('a request over its time answers 504 also while it is being sent', async (t) => {
  const slow = routeClass('slow', { match: { methods: ['POST'], path: '/slow' }, deadlineMs: 150 })
  const edge = await openTestEdge({
    answer: () => undefined,
    policy: { classes: [slow] },
  })
  t.teardown(edge.closeAll)
  const request = openRequest(`${edge.url}/slow`, {
    method: 'POST',
    headers: { 'content-length': String(fiveMegabytes) },
  })
  request.on('error', () => undefined)
  request.write('only the beginning')
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  t.equal(answer.statusCode, 504)
  request.destroy()
})

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
}

test('what the origin says to the edge ends there, on answers that are never stored too', async (t) => {
  const edge = await openTestEdge({
    answer: (_request, response) => {
      response.writeHead(200, {
        'ecluse-identity': 'user="u1"',
        'ecluse-audience': 'school',
        'ecluse-cache-control': 'max-age=60',
        'x-of-the-portal': 'stays',
      })
      response.end()
    },
  })
  t.teardown(edge.closeAll)
  for (const method of ['GET', 'POST']) {
    const { headers } = await ask(`${edge.url}/any`, { method })
    t.same(
      Object.keys(headers).filter((name) => name.startsWith('ecluse-')),
      [],
      method,
    )
    t.equal(headers['x-of-the-portal'], 'stays')
  }
})
