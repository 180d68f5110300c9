import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { test } from 'tap'
import { openRequest } from '../test/support/client.ts'
import { openTestEdge } from '../test/support/edge.ts'
import { echo } from '../test/support/origin.ts'
import { pieces, plentyBytes, settled } from '../test/support/streams.ts'

const fiveMegabytes = 5 * 1024 * 1024
const chunk = Buffer.alloc(64 * 1024, 'x')

test('the first byte of an answer arrives before the last one is made', async (t) => {
  let finish = (): void => undefined
  const edge = await openTestEdge({
    answer: (_, response) => {
      response.write('first')
      finish = () => response.end(' last')
    },
  })
  t.teardown(edge.closeAll)
  const request = openRequest(`${edge.url}/`).end()
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  const [first] = (await once(answer, 'data')) as [Buffer]
  t.equal(first.toString(), 'first')
  finish()
  const [last] = (await once(answer, 'data')) as [Buffer]
  t.equal(last.toString(), ' last')
})

test('a slow reader holds the origin back instead of filling the edge', async (t) => {
  let sent = 0
  const edge = await openTestEdge({
    answer: (_, response) => pieces(plentyBytes, (bytes) => (sent = bytes)).pipe(response),
  })
  t.teardown(edge.closeAll)
  const [answer] = (await once(openRequest(`${edge.url}/`).end(), 'response')) as [IncomingMessage]
  const held = await settled(() => sent)
  t.ok(held < plentyBytes / 2, `the origin was held back after ${held} bytes`)
  let received = 0
  for await (const part of answer) received += (part as Buffer).length
  t.equal(received, plentyBytes, 'every byte came')
})

test('a slow origin holds the sender of an upload back', async (t) => {
  let read = (): void => undefined
  const edge = await openTestEdge({
    answer: (request, response) => {
      read = () => echo(request, response)
    },
  })
  t.teardown(edge.closeAll)
  const request = openRequest(`${edge.url}/upload`, {
    method: 'POST',
    headers: { 'content-length': String(plentyBytes) },
  })
  const whole = pieces(plentyBytes).pipe(request)
  const socket = () => request.socket?.bytesWritten ?? 0
  const held = await settled(socket)
  t.ok(held < plentyBytes / 2, `the client was held back after ${held} bytes`)
  read()
  const [answer] = (await once(whole, 'response')) as [IncomingMessage]
  t.equal(JSON.parse((await answer.toArray()).join('')).bodyBytes, plentyBytes, 'every byte came')
})

test('an upload reaches the origin while the client still writes it', async (t) => {
  let seen: (bytes: number) => void = () => undefined
  const firstBytes = new Promise<number>((resolve) => (seen = resolve))
  const edge = await openTestEdge({
    answer: (request, response) => {
      request.once('data', (part: Uint8Array) => seen(part.length))
      echo(request, response)
    },
  })
  t.teardown(edge.closeAll)
  const request = openRequest(`${edge.url}/upload`, {
    method: 'POST',
    headers: { 'content-length': String(fiveMegabytes) },
  })
  request.write(chunk)
  t.ok((await firstBytes) > 0, 'the first bytes are there before the rest is sent')
  for (let i = chunk.length; i < fiveMegabytes; i += chunk.length) request.write(chunk)
  request.end()
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  const body = JSON.parse((await answer.toArray()).join(''))
  t.equal(body.bodyBytes, fiveMegabytes)
  t.equal(body.headers['content-length'], String(fiveMegabytes), 'framed as the client framed it')
})

test('a request body of unknown length goes on whole', async (t) => {
  const edge = await openTestEdge({ answer: echo })
  t.teardown(edge.closeAll)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const request = openRequest(`${edge.url}/`, {
      method,
      headers: { 'transfer-encoding': 'chunked', 'content-type': 'text/plain' },
    })
    request.write('abc')
    request.end('defg')
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    const body = JSON.parse((await answer.toArray()).join(''))
    t.match(body, { method, bodyBytes: 7 })
  }
})
