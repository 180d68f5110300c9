import { connect, createServer, type AddressInfo, type Server } from 'node:net'

/**
 * Stands between edge and portal and says when a write is on its way, so that a fault can be placed
 * there: `sent` before its first byte goes on to the portal, `answered` before the portal's answer
 * comes back to the edge.
 */
export interface OriginProxy {
  readonly url: string
  /** Runs `act` once, at the next write that gets this far. */
  at(point: 'sent' | 'answered', act: () => void): void
  close(): void
}

export async function openOriginProxy(originPort: number): Promise<OriginProxy> {
  const waiting: Record<'sent' | 'answered', (() => void)[]> = { sent: [], answered: [] }
  const server: Server = createServer((near) => {
    const far = connect(originPort, '127.0.0.1')
    const fire = (point: 'sent' | 'answered') => waiting[point].shift()?.()
    near.setNoDelay()
    far.setNoDelay()
    let isWrite = false
    near.on('data', (chunk) => {
      // Requests are not pipelined: a chunk that begins one begins with its method.
      if (/^(?:GET|HEAD|OPTIONS|DELETE) /.test(chunk.toString('latin1', 0, 8))) isWrite = false
      else if (/^(?:PUT|POST) /.test(chunk.toString('latin1', 0, 5))) {
        isWrite = true
        fire('sent')
      }
      far.write(chunk)
    })
    far.on('data', (chunk) => {
      if (isWrite) fire('answered')
      near.write(chunk)
    })
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    at: (point, act) => void waiting[point].push(act),
    close: () => void server.close(),
  }
}
