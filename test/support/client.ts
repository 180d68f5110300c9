import { Agent, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'

export interface TestAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
  readonly agent?: Agent
}

/** Asks and reads the whole answer; fails when the answer is cut. A connection for each request. */
export function ask(url: string, facts: Ask = {}): Promise<TestAnswer> {
  return new Promise((resolve, reject) => {
    const request = openRequest(url, facts)
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Uint8Array[] = []
      response.on('data', (chunk: Uint8Array) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({
          status: response.statusCode as number,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          body: Buffer.concat(chunks).toString('latin1'),
        })
      })
    })
    request.end(facts.body)
  })
}

/** The request, not ended: for bodies that are written bit by bit and clients that leave. */
export function openRequest(url: string, { method = 'GET', headers = {}, agent }: Ask = {}) {
  const { hostname, port } = new URL(url)
  // The path as it was written: `new URL` would tidy it up.
  const path = url.slice(url.indexOf(`:${port}`) + port.length + 1) || '/'
  return httpRequest({
    host: hostname,
    port,
    path,
    method,
    headers: headers as NonNullable<RequestOptions['headers']>,
    agent: agent ?? new Agent({ keepAlive: false }),
  })
}

/** Sends bytes as they are and gives back everything until the other side closes or `isEnough`. */
export function talk(
  url: string,
  text: string,
  isEnough: (received: string) => boolean = () => false,
): Promise<string> {
  return new Promise((resolve) => {
    const socket = dial(url)
    let received = ''
    const done = (): void => {
      socket.destroy()
      resolve(received)
    }
    socket.setEncoding('latin1')
    socket.on('data', (part: string) => {
      received += part
      if (isEnough(received)) done()
    })
    socket.on('close', done)
    socket.on('error', done)
    socket.write(text, 'latin1')
  })
}

/** A bare connection to a server of the test. */
export function dial(url: string): Socket {
  const { hostname, port } = new URL(url)
  return connect(Number(port), hostname)
}

/** Waits until something seen from outside is so, but not for ever; the caller then checks it. */
export async function until(isSo: () => Promise<boolean>, withinMs = 2_000): Promise<void> {
  const latestMs = performance.now() + withinMs
  while (!(await isSo()) && performance.now() < latestMs) await setTimeout(5)
}
