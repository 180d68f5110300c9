import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { unguessable } from '../core/random.ts'

/** Listens; fails when the port is taken or the address is none of this machine's. */
export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Where a listening server is reached. */
export function urlOf(server: { address(): string | AddressInfo | null }): string {
  const { address, port, family } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

/** Closes the listeners at once, idle connections too, and the rest when they are done or late. */
export async function drained(servers: readonly Server[], withinMs: number): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          // A connection whose last answer began before the stop falls idle later.
          const idle = setInterval(() => server.closeIdleConnections(), idleSweepMs)
          const late = setTimeout(() => server.closeAllConnections(), withinMs)
          server.close(() => {
            clearInterval(idle)
            clearTimeout(late)
            resolve()
          })
          server.closeIdleConnections()
        }),
    ),
  )
}

const idleSweepMs = 100

/** A name that people can find: the host and the process; the end tells apart what shares both. */
export function processName(): string {
  return `${hostname()}:${process.pid}:${unguessable(3)}`
}
