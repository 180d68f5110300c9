import { connect, createServer } from 'node:net'
import { Client, type Dispatcher } from 'undici'
import type {
  Answer,
  AnswerFields,
  BreakReason,
  Exchange,
  OutgoingRequest,
} from './portal-answer.ts'
import type { LoadTarget } from './target.ts'

/** Connections from many people to one target. */
export interface PortalClient {
  send(request: OutgoingRequest): Exchange
  readonly inFlight: number
  /** Requests that failed for want of a port or a descriptor on this machine. */
  readonly localFailures: number
  /** Closes every connection; what is under way answers `aborted`. */
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
  const connections = new Connections(target.origin)
  const running = new Set<Running>()
  let localFailures = 0

  function send(request: OutgoingRequest): Exchange {
    const address = spreads ? `127.0.1.${1 + (request.school % sourceAddresses)}` : ''
    const exchange = new Running(request, (outcome, client) => {
      if (outcome === 'clean') connections.giveBack(client, address)
      else connections.discard(client)
      if (outcome === 'retry') return exchange.start(connections.take(address))
      running.delete(exchange)
      if (outcome === 'no-port' || outcome === 'no-descriptor') localFailures += 1
    })
    running.add(exchange)
    exchange.start(connections.take(address))
    return exchange
  }

  return {
    send,
    get inFlight() {
      return running.size
    },
    get localFailures() {
      return localFailures
    },
    async close() {
      for (const exchange of running) exchange.abort()
      await connections.close()
    },
  }
}

interface Taken {
  readonly client: Client
  readonly isReused: boolean
}

/** Connections by source address; the most recently used idle one is taken first. */
class Connections {
  private readonly origin: string
  private readonly idle = new Map<string, Client[]>()
  private readonly all = new Set<Client>()

  constructor(origin: string) {
    this.origin = origin
  }

  take(localAddress: string): Taken {
    const used = this.idle.get(localAddress)?.pop()
    if (used !== undefined) return { client: used, isReused: true }
    const client = new Client(this.origin, {
      allowH2: false,
      pipelining: 1,
      // How long to wait is the user model's business; these only end what it has forgotten.
      headersTimeout: 180_000,
      bodyTimeout: 180_000,
      connect: { timeout: 60_000, ...(localAddress !== '' && { localAddress }) },
    })
    this.all.add(client)
    return { client, isReused: false }
  }

  giveBack(client: Client, localAddress: string): void {
    const stack = this.idle.get(localAddress)
    if (stack === undefined) this.idle.set(localAddress, [client])
    else stack.push(client)
  }

  discard(client: Client): void {
    this.all.delete(client)
    void client.destroy()
  }

  async close(): Promise<void> {
    await Promise.all([...this.all].map((client) => client.destroy()))
  }
}

type Outcome = 'clean' | 'retry' | 'aborted' | BreakReason

/** One request on its connection; also undici's handler, to spare an object per request. */
class Running implements Exchange, Dispatcher.DispatchHandler {
  readonly answer: Promise<Answer>
  private client: Client | undefined
  private readonly request: OutgoingRequest
  private readonly onEnd: (outcome: Outcome, client: Client) => void
  private resolve: (answer: Answer) => void = () => {}
  private isDone = false
  private mayRetry = false
  private status = 0
  private fields: AnswerFields = {}
  private isText = false
  private chunks: Buffer[] = []

  constructor(request: OutgoingRequest, onEnd: (outcome: Outcome, client: Client) => void) {
    this.request = request
    this.onEnd = onEnd
    this.answer = new Promise((resolve) => {
      this.resolve = resolve
    })
  }

  start({ client, isReused }: Taken): void {
    this.client = client
    // A browser repeats a GET once when a kept connection turns out to be closed (RFC 9110 §9.2.2).
    this.mayRetry = isReused && this.request.method === 'GET'
    const { method, path, headers, body } = this.request
    client.dispatch({ method, path, headers: headers as string[], body: body ?? null }, this)
  }

  /** Closes the connection, as a closed tab does. */
  abort(): void {
    this.finish({ kind: 'aborted' }, 'aborted')
  }

  // undici insists on the method, even when there is nothing to do.
  onRequestStart(): void {}

  onResponseStart(_: unknown, status: number, fields: AnswerFields): void {
    this.mayRetry = false
    this.status = status
    this.fields = fields
    this.isText = /^(text\/|application\/json)/.test(String(fields['content-type'] ?? ''))
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    if (this.isText) this.chunks.push(chunk)
  }

  onResponseEnd(): void {
    const { status, fields, chunks } = this
    const text = chunks.length === 0 ? '' : Buffer.concat(chunks).toString('latin1')
    this.finish({ kind: 'answered', status, fields, text }, 'clean')
  }

  onResponseError(_: unknown, error: Error): void {
    if (this.isDone) return
    const reason = reasonOf(error)
    if (this.mayRetry && reason === 'reset') {
      this.mayRetry = false
      return this.onEnd('retry', this.client as Client)
    }
    this.finish({ kind: 'broken', reason }, reason)
  }

  private finish(answer: Answer, outcome: Outcome): void {
    if (this.isDone) return
    this.isDone = true
    this.chunks = []
    this.onEnd(outcome, this.client as Client)
    this.resolve(answer)
  }
}

function reasonOf(error: Error): BreakReason {
  const code = 'code' in error ? String(error.code) : ''
  switch (code) {
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
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
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
