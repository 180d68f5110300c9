import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'

export interface TestOrigin {
  readonly url: string
  close(): Promise<void>
}

/** A small portal: what it answers is up to each test. */
export async function openOrigin(answer: RequestListener): Promise<TestOrigin> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: urlOf(server.address()),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** An origin that speaks bytes, for answers no HTTP library would write. */
export async function openRawOrigin(onRequest: (socket: Socket) => void): Promise<TestOrigin> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', () => onRequest(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: urlOf(server.address()),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Answers what it was asked: method, target and header lines, as JSON. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  let bodyBytes = 0
  request.on('data', (chunk: Uint8Array) => {
    bodyBytes += chunk.length
  })
  request.on('end', () => {
    const { method, url, rawHeaders, headers } = request
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ method, url, rawHeaders, headers, bodyBytes }))
  })
}

function urlOf(address: string | AddressInfo | null): string {
  return `http://127.0.0.1:${(address as AddressInfo).port}`
}
