import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import { failureCode } from '../../core/failure.ts'
import { openFaultClient } from './fault-client.ts'

const faults = {
  slowFactor: 10,
  errorShare: 0,
  stalled: false,
  identitySlowMs: 0,
  refuseLogins: false,
}

function control(status: number, seen: string[]): Promise<{ server: Server; address: string }> {
  const server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => seen.push(text))
    request.on('end', () => response.writeHead(status).end('{}'))
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      resolve({ server, address: `http://127.0.0.1:${port}` })
    })
  })
}

test('a disturbance reaches the control address whole', async (t) => {
  const seen: string[] = []
  const { server, address } = await control(200, seen)
  t.teardown(() => server.close())
  await openFaultClient(address)(faults)
  t.same(JSON.parse(seen.join('')), faults)
})

test('a disturbance that was not taken is a failure, not a portal that held', async (t) => {
  const { server, address } = await control(400, [])
  const setFaults = openFaultClient(address)
  const codeOf = async (): Promise<string | undefined> =>
    setFaults(faults).then(() => undefined, failureCode)
  t.equal(await codeOf(), 'faults-not-set')
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  t.equal(await codeOf(), 'faults-not-set', 'nor one that nobody heard')
})

test('a control address off this machine is refused', async (t) => {
  t.throws(() => openFaultClient('http://192.0.2.1:80'), /--control: 192\.0\.2\.1 is not this/)
})
