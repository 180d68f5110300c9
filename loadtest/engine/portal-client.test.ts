import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Test, test } from 'tap'
import type { OutgoingRequest } from './portal-answer.ts'
import { openPortalClient } from './portal-client.ts'
import { readTarget } from './target.ts'

const get = (path: string, school = 1): OutgoingRequest => ({
  method: 'GET',
  path,
  fields: '',
  school,
})

async function serve(t: Test, listener: RequestListener) {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = await openPortalClient(readTarget(`http://127.0.0.1:${port}`))
  t.teardown(async () => {
    await client.close()
    server.closeAllConnections()
    server.close()
  })
  return { client, server }
}

test('an answer comes with status, fields and, when it is text, its text', async (t) => {
  const { client } = await serve(t, (request, response) => {
    response.setHeader('set-cookie', ['a=1', 'b=2'])
    response.setHeader('content-type', request.url === '/text' ? 'text/html' : 'image/png')
    response.end('canary-u1-x')
  })
  const text = await client.send(get('/text')).answer
  t.match(text, { kind: 'answered', status: 200, text: 'canary-u1-x' })
  t.strictSame(text.kind === 'answered' && text.fields['set-cookie'], ['a=1', 'b=2'])
  t.match(await client.send(get('/image')).answer, { kind: 'answered', text: '' })
})

test('aborting closes the connection, which the server notices', async (t) => {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  const { client } = await serve(t, (request) => {
    request.socket.once('close', () => resolve())
    arrive()
  })
  const exchange = client.send(get('/never'))
  await arrived
  t.equal(client.inFlight, 1)
  exchange.abort()
  t.strictSame(await exchange.answer, { kind: 'aborted' })
  await closed
  t.equal(client.inFlight, 0)
})

test('people of one school come from one address, reusing its connections', async (t) => {
  const sockets = new Map<string, Set<Socket>>()
  const { client } = await serve(t, (request, response) => {
    const address = request.socket.remoteAddress ?? ''
    sockets.set(address, (sockets.get(address) ?? new Set()).add(request.socket))
    response.end()
  })
  for (let i = 0; i < 5; i += 1) {
    for (const school of [1, 2]) await client.send(get('/', school)).answer
  }
  const connections = [...sockets.values()].map((held) => held.size)
  // Where only 127.0.0.1 exists, both schools share it.
  t.ok(sockets.size === 2 || sockets.has('127.0.0.1'))
  t.ok(
    connections.every((count) => count <= 2),
    connections.join(),
  )
})

test('requests at the same time never wait for one another', async (t) => {
  const held: (() => void)[] = []
  const { client } = await serve(t, (_, response) => {
    held.push(() => response.end())
    if (held.length === 200) for (const release of held) release()
  })
  const answers = await Promise.all(Array.from({ length: 200 }, () => client.send(get('/')).answer))
  t.ok(answers.every((answer) => answer.kind === 'answered'))
})

test('a kept connection found closed costs a GET nothing, and a POST is not repeated', async (t) => {
  let served = 0
  const { client } = await serve(t, (request, response) => {
    served += 1
    if (request.url === '/drop') request.socket.destroy()
    else response.end()
  })
  await client.send(get('/')).answer
  t.match(await client.send(get('/drop')).answer, { kind: 'broken', reason: 'reset' })
  t.equal(served, 3, 'one repetition on a fresh connection')
  await client.send(get('/')).answer
  const post = client.send({ ...get('/drop'), method: 'POST', body: 'x' })
  t.match(await post.answer, { kind: 'broken', reason: 'reset' })
  t.equal(served, 5)
})

test('a server that is gone is unreachable, not a hang', async (t) => {
  const { client, server } = await serve(t, (_, response) => response.end())
  server.close()
  await once(server, 'close')
  t.match(await client.send(get('/')).answer, { kind: 'broken', reason: 'unreachable' })
  t.equal(client.localFailures, 0)
})

test('once closed it breaks what is under way and connects no more', async (t) => {
  let connections = 0
  const { client, server } = await serve(t, () => undefined)
  server.on('connection', () => {
    connections += 1
  })
  const waiting = client.send(get('/never'))
  await once(server, 'request')
  await client.close()
  t.match(await waiting.answer, { kind: 'broken' })
  t.same(await client.send(get('/again')).answer, { kind: 'aborted' })
  t.equal(connections, 1)
  t.equal(client.inFlight, 0)
})
