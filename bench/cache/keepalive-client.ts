import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Failure } from '../../core/failure.ts'

/** An answer, read to its end. */
export interface Reply {
  readonly status: number
  readonly head: string
  readonly bodyBytes: number
}

/** One kept connection that carries one request at a time. */
export class KeepaliveConnection {
  readonly #socket: Socket
  #settle: { resolve(reply: Reply): void; reject(error: Error): void } | null = null
  #received: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (part: Buffer) => this.#take(part))
    socket.on('error', (error) => this.#settle?.reject(error))
    socket.on('close', () => this.#settle?.reject(new Error('the connection was closed')))
  }

  static async open(port: number): Promise<KeepaliveConnection> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new KeepaliveConnection(socket)
  }

  get isFree(): boolean {
    return this.#settle === null
  }

  send(text: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
      this.#socket.write(text, 'latin1')
    })
  }

  close(): void {
    this.#settle = null
    this.#socket.destroy()
  }

  #take(part: Buffer): void {
    this.#received = this.#received.length === 0 ? part : Buffer.concat([this.#received, part])
    const headBytes = this.#received.indexOf('\r\n\r\n')
    if (headBytes === -1) return
    const head = this.#received.toString('latin1', 0, headBytes)
    const bodyBytes = Number(/\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN)
    if (Number.isNaN(bodyBytes)) return this.#settle?.reject(unreadable(head))
    if (this.#received.length < headBytes + 4 + bodyBytes) return
    this.#received = Buffer.alloc(0)
    const settle = this.#settle
    this.#settle = null
    settle?.resolve({ status: Number(head.slice(9, 12)), head, bodyBytes })
  }
}

/** The head of the answer to one GET. */
export async function headOf(port: number, target: string): Promise<string> {
  const connection = await KeepaliveConnection.open(port)
  try {
    return (await connection.send(`GET ${target} HTTP/1.1\r\nHost: portail.example.fr\r\n\r\n`))
      .head
  } finally {
    connection.close()
  }
}

/** Sends every request once over a few connections; fails on an answer that is not a 200. */
export async function fetchAll(port: number, requests: readonly string[]): Promise<void> {
  const connections = await openMany(port, 16)
  let next = 0
  const work = async (connection: KeepaliveConnection): Promise<void> => {
    for (let at = next++; at < requests.length; at = next++) {
      const { status, head } = await connection.send(requests[at] as string)
      if (status !== 200) throw unreadable(head)
    }
  }
  try {
    await Promise.all(connections.map(work))
  } finally {
    for (const connection of connections) connection.close()
  }
}

export function openMany(port: number, count: number): Promise<KeepaliveConnection[]> {
  return Promise.all(Array.from({ length: count }, () => KeepaliveConnection.open(port)))
}

/**
 * Sends at a fixed rate over 64 connections for so long. Gives how many were answered of those that
 * were due; the two differ when the server, or this client, was too slow for the rate.
 */
export async function sendPaced(
  port: number,
  requests: readonly string[],
  pace: { readonly perSecond: number; readonly seconds: number },
): Promise<{ readonly due: number; readonly answered: number }> {
  const connections = await openMany(port, 64)
  const startedAtMs = performance.now()
  const due = pace.perSecond * pace.seconds
  let sent = 0
  let answered = 0
  await new Promise<void>((resolve, reject) => {
    const free = [...connections]
    const step = (): void => {
      const elapsedMs = performance.now() - startedAtMs
      const wanted = Math.min(due, Math.floor((elapsedMs * pace.perSecond) / 1000))
      while (sent < wanted && free.length > 0) {
        const connection = free.pop() as KeepaliveConnection
        const text = requests[sent % requests.length] as string
        sent += 1
        connection.send(text).then(() => {
          answered += 1
          free.unshift(connection)
        }, reject)
      }
      if (elapsedMs < pace.seconds * 1000) return
      clearInterval(stepping)
      resolve()
    }
    const stepping = setInterval(step, 1)
  }).finally(() => {
    for (const connection of connections) connection.close()
  })
  return { due, answered }
}

function unreadable(head: string): Failure {
  const message = `expected a 200 with a Content-Length, found:\n${head}`
  return new Failure({ code: 'origin-invalid', message, source: 'origin' })
}
