import { connect, createServer } from 'node:net'
import type { AnswerReader } from './answer-reader.ts'
import { type Asker, Connection } from './connection-client.ts'
import type { Answer, BreakReason, Exchange, OutgoingRequest } from './portal-answer.ts'
import type { LoadTarget } from './target.ts'

/** Connections from many people to one target. */
export interface PortalClient {
  send(request: OutgoingRequest): Exchange
  readonly inFlight: number
  /** Requests that failed for want of a port or a descriptor on this machine. */
  readonly localFailures: number
  /** Closes every connection; what is under way breaks, what is sent later answers `aborted`. */
  close(): Promise<void>
}

/** Schools beyond this share source addresses (127.0.1.1 to 127.0.1.250). */
const sourceAddresses = 250

/**
 * Connections are unlimited: a pool with a bound would be a queue of ours, and hide the
 * target's. Each school has its own source address, where the system allows it, as if behind
 * one NAT; that also keeps ports from running out. Idle connections are reused, last one first.
 */
export async function openPortalClient(target: LoadTarget): Promise<PortalClient> {
  const spreads = target.maySpreadSources && (await mayBind('127.0.1.1'))
  const connections = new Connections(new URL(target.origin))
  const hostLine = `host: ${new URL(target.origin).host}\r\n`
  let inFlight = 0
  let localFailures = 0
  let isClosed = false

  function send(request: OutgoingRequest): Exchange {
    // Whoever is told that it is over tries once more; a new connection would keep us alive.
    if (isClosed) return overAlready
    const address = spreads ? `127.0.1.${1 + (request.school % sourceAddresses)}` : ''
    const exchange = new Running(requestText(request, hostLine), request, (outcome, connection) => {
      if (outcome === 'clean') connections.giveBack(connection, address)
      if (outcome === 'retry')
        return isClosed ? exchange.abort() : exchange.start(connections.take(address))
      inFlight -= 1
      if (outcome === 'no-port' || outcome === 'no-descriptor') localFailures += 1
    })
    inFlight += 1
    exchange.start(connections.take(address))
    return exchange
  }

  return {
    send,
    get inFlight() {
      return inFlight
    },
    get localFailures() {
      return localFailures
    },
    close() {
      isClosed = true
      return connections.close()
    },
  }
}

const overAlready: Exchange = {
  answer: Promise.resolve({ kind: 'aborted' }),
  abort: () => undefined,
}

function requestText({ method, path, fields, body }: OutgoingRequest, hostLine: string): string {
  const length = body === undefined ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`
  return `${method} ${path} HTTP/1.1\r\n${hostLine}${fields}${length}\r\n`
}

/** Connections by source address; the most recently used idle one is taken first. */
class Connections {
  private readonly to: { readonly host: string; readonly port: number }
  private readonly idle = new Map<string, Connection[]>()
  private readonly all = new Set<Connection>()

  constructor({ hostname, port }: URL) {
    this.to = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) }
  }

  take(localAddress: string): Connection {
    const stack = this.idle.get(localAddress)
    for (let used = stack?.pop(); used !== undefined; used = stack?.pop()) {
      if (used.isUsable) return used
      used.destroy()
    }
    const to = localAddress === '' ? this.to : { ...this.to, localAddress }
    const connection = new Connection(to, () => void this.all.delete(connection))
    this.all.add(connection)
    return connection
  }

  giveBack(connection: Connection, localAddress: string): void {
    const stack = this.idle.get(localAddress)
    if (stack === undefined) this.idle.set(localAddress, [connection])
    else stack.push(connection)
  }

  async close(): Promise<void> {
    await Promise.all([...this.all].map((connection) => connection.close()))
  }
}

type Outcome = 'clean' | 'spent' | 'retry' | 'aborted' | BreakReason

/** One request on its connection. */
class Running implements Exchange, Asker {
  readonly answer: Promise<Answer>
  private connection: Connection | undefined
  private readonly head: string
  private readonly request: OutgoingRequest
  private readonly onEnd: (outcome: Outcome, connection: Connection) => void
  private resolve: (answer: Answer) => void = () => {}
  private mayRetry = false

  constructor(head: string, request: OutgoingRequest, onEnd: Running['onEnd']) {
    this.head = head
    this.request = request
    this.onEnd = onEnd
    this.answer = new Promise((resolve) => {
      this.resolve = resolve
    })
  }

  start(connection: Connection): void {
    this.connection = connection
    // A browser repeats a GET once when a kept connection turns out to be closed (RFC 9110 §9.2.2).
    this.mayRetry = connection.isReused && this.request.method === 'GET'
    connection.ask(this.head, this.request.body, this)
  }

  /** Closes the connection, as a closed tab does. */
  abort(): void {
    this.connection?.destroy()
    this.finish({ kind: 'aborted' }, 'aborted')
  }

  answered({ status, fields, text, isKept }: AnswerReader): void {
    this.finish({ kind: 'answered', status, fields, text }, isKept ? 'clean' : 'spent')
  }

  broken(error: NodeJS.ErrnoException | undefined, hasBegun: boolean): void {
    const reason = reasonOf(error)
    if (this.mayRetry && reason === 'reset' && !hasBegun) {
      return this.onEnd('retry', this.connection as Connection)
    }
    this.finish({ kind: 'broken', reason }, reason)
  }

  private finish(answer: Answer, outcome: Outcome): void {
    const { connection } = this
    if (connection === undefined) return
    this.connection = undefined
    this.onEnd(outcome, connection)
    this.resolve(answer)
  }
}

function reasonOf(error: NodeJS.ErrnoException | undefined): BreakReason {
  switch (error?.code) {
    case 'ECONNREFUSED':
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return 'unreachable'
    case 'EADDRNOTAVAIL':
    case 'EADDRINUSE':
      return 'no-port'
    case 'EMFILE':
    case 'ENFILE':
      return 'no-descriptor'
    case 'ETIMEDOUT':
      return 'timeout'
    default:
      return 'reset'
  }
}

/** Connects and closes again: why the target cannot be reached, or undefined when it can. */
export function unreachableBecause(target: LoadTarget): Promise<string | undefined> {
  const url = new URL(target.origin)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(url.port || 80), timeout: 5_000 })
    const end = (reason: string | undefined): void => {
      socket.destroy()
      resolve(reason)
    }
    socket.once('connect', () => end(undefined))
    socket.once('timeout', () => end('no connection within 5 s'))
    socket.once('error', (error) => end(error.message || 'connection refused'))
  })
}

/** Whether a socket may use `address`: all of 127/8 on Linux, only 127.0.0.1 elsewhere. */
function mayBind(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(0, address, () => probe.close(() => resolve(true)))
  })
}
