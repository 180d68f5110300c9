import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import { applyClient } from './apply-client.ts'
import type { WritePayload } from './write-job.ts'

const payload: WritePayload = {
  user: 'u17',
  school: 's3',
  role: 'pupil',
  groups: ['c40'],
  key: 'k-12345678',
  method: 'POST',
  target: '/api/messages?x=1',
  contentType: 'text/plain',
  host: 'ent.example',
  bodyHash: 'ab',
  body: Buffer.from('bonjour'),
}

test('a write is applied on the portal it was for, so that what it changes is found', async (t) => {
  const seen: IncomingMessage['headers'][] = []
  const server = createServer((request, response) => {
    seen.push(request.headers)
    request.resume()
    response.writeHead(201).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const internalUrl = `http://127.0.0.1:${port}`
  const client = applyClient({ internalUrl, token: 't', connections: 1, timeoutMs: 5_000 })
  t.teardown(async () => {
    await client.close()
    server.close()
  })
  t.match(await client.apply(payload, 'message-send'), { kind: 'answered', status: 201 })
  t.match(await client.apply({ ...payload, host: null }, 'message-send'), { status: 201 })
  t.match(seen[0], { host: 'ent.example', 'content-type': 'text/plain' })
  t.equal(seen[1]?.host, `127.0.0.1:${port}`, 'who named none is sent to the port as it is called')
})
