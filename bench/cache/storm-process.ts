import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { openEdge } from './contenders-process.ts'
import { openMany } from './keepalive-client.ts'
import { requestText } from './traffic.ts'

const clients = 1_000
const originMs = 500

/** What came of a thousand clients who all ask for one file that is not stored yet. */
export interface Storm {
  /** How often the origin was asked. */
  readonly originRequests: number
  /** When the last client had its answer, counted from the origin's. */
  readonly lateMs: number
}

/** Plays the storm on an edge of its own. The origin counts; it answers after half a second. */
export async function storm(folder: string): Promise<Storm> {
  let originRequests = 0
  let answeredAtMs = 0
  const body = Buffer.alloc(2048, 'a{color:red}\n')
  const origin = createServer(async (_, response) => {
    originRequests += 1
    await setTimeout(originMs)
    const headers = { 'cache-control': 'public, max-age=3600', 'content-type': 'text/css' }
    response.writeHead(200, { ...headers, 'content-length': body.length })
    response.end(body)
    answeredAtMs ||= performance.now()
  }).listen(0, '127.0.0.1')
  await once(origin, 'listening')
  const { port } = origin.address() as AddressInfo
  const edge = await openEdge(folder, `http://127.0.0.1:${port}`)
  try {
    const connections = await openMany(edge.port, clients)
    await Promise.all(
      connections.map((connection, i) =>
        connection.send(requestText({ target: '/public/storm.css', session: `storm${i}` })),
      ),
    )
    const lateMs = performance.now() - answeredAtMs
    for (const connection of connections) connection.close()
    return { originRequests, lateMs }
  } finally {
    await edge.server.end()
    origin.closeAllConnections()
    origin.close()
  }
}
