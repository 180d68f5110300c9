import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import type { Clock } from '../core/clock.ts'
import type { RandomStream } from '../core/random.ts'
import { edgeMsOf } from './edge-time.ts'
import type { Answer, BodySource, ClientPresence, Exchange, RequestBody } from './exchange.ts'
import type { GatewayMeter } from './metrics.ts'
import { type Outcome, outcomeLabel } from './outcome.ts'
import { type Policy, unknownClass } from './policy/policy.ts'
import { turnAway } from './turned-away.ts'

export interface ClientRouteDependencies {
  readonly clock: Clock
  readonly random: RandomStream
  readonly meter: GatewayMeter
  readonly origin: Exchange['origin']
  policy(): Policy
  /** Is this server stopping? Then each answer is the last of its connection. */
  isDraining(): boolean
  handle(exchange: Exchange): Promise<Answer>
  onFault(error: unknown): void
  /** Called with each answer as it was written, with all its lines. */
  onGiven?(exchange: Exchange, answer: Answer): void
  /** Called once for each request, when its last byte is out or its client gone. */
  onFinish?(finished: FinishedRequest): void
}

/** What there is to say of a request that is over. */
export interface FinishedRequest {
  readonly exchange: Exchange
  readonly outcome: Outcome
  /** Of the answer; 0 when nobody was there to take one. */
  readonly status: number
  readonly totalMs: number
}

/** Turns a request of Node's server into an exchange, and an answer back into bytes. */
export function buildClientRoute(deps: ClientRouteDependencies) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const presence = new ResponsePresence(response)
    const connection = { request, response, presence }
    const exchange = exchangeOf(connection, deps)
    let answer: Answer
    try {
      answer = await deps.handle(exchange)
      noteEdgeTime(deps, exchange, answer.outcome)
    } catch (error) {
      // A mistake of ours. The person gets an honest page, and somebody hears of it.
      deps.onFault(error)
      answer = turnAway(exchange, 'edge-failure')
    }
    presence.whenOver(() => {
      const outcome: Outcome = presence.isServed ? answer.outcome : { kind: 'abandoned' }
      finish(deps, { exchange, outcome, status: response.headersSent ? response.statusCode : 0 })
    })
    try {
      const whole = { ...answer, headers: linesForPeople(answer, exchange, deps) }
      write(connection, whole)
      deps.onGiven?.(exchange, whole)
    } catch (error) {
      // A field that Node does not send. Better one person cut off than the process gone.
      deps.onFault(error)
      response.destroy()
    }
  }
}

function noteEdgeTime(deps: ClientRouteDependencies, exchange: Exchange, outcome: Outcome): void {
  const edgeMs = edgeMsOf(exchange, outcome, deps.clock.monotonicMs() - exchange.startedAtMs)
  if (edgeMs !== null) deps.meter.observe('ecluse_edge_seconds', {}, edgeMs / 1_000)
}

/** A request and the way back to whoever sent it. */
interface Connection {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly presence: ClientPresence
}

function exchangeOf(
  { request, response, presence }: Connection,
  deps: ClientRouteDependencies,
): Exchange {
  const { headers } = request
  const hasBody =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
  return {
    request: {
      method: request.method as string,
      target: request.url as string,
      headers,
      headerLines: request.rawHeaders,
      body: hasBody ? bodyOf(request, response) : null,
      socketAddress: request.socket.remoteAddress ?? '',
      isSecure: 'encrypted' in request.socket,
      presence,
    },
    startedAtMs: deps.clock.monotonicMs(),
    wallAtMs: deps.clock.wallMs(),
    policy: deps.policy(),
    jitter: deps.random.next(),
    origin: deps.origin,
    routing: nowhere,
    identity: nobody,
    cache: undefined,
    admission: undefined,
    upstream: undefined,
    addedHeaders: [],
  }
}

// What stands in an exchange until the stage that knows better has run.
const nowhere: Exchange['routing'] = { routeClass: unknownClass, path: '/', query: '' }
const nobody: Exchange['identity'] = {
  clientAddress: '',
  sessionKey: null,
  principal: null,
  isInside: false,
}

/**
 * The body as a stream of its own. Whoever reads it may drop it half-way, as an origin does that
 * answers before the upload has ended; the rest is then read away, because a connection that is
 * not read to the end cannot carry the next request.
 */
function bodyOf(request: IncomingMessage, response: ServerResponse): RequestBody {
  const body = new PassThrough()
  // Why it was dropped is known to whoever dropped it.
  body.on('error', () => undefined)
  request.pipe(body)
  body.once('close', () => request.resume())
  response.once('close', () => body.destroy())
  return body
}

/** Whether the client still waits, from one listener on the response whoever asks. */
class ResponsePresence implements ClientPresence {
  private readonly response: ServerResponse
  private readonly listeners: (() => void)[] = []
  private over: (() => void) | undefined

  constructor(response: ServerResponse) {
    this.response = response
    response.once('close', () => {
      if (!response.writableFinished) for (const listener of this.listeners) listener()
      this.over?.()
    })
  }

  get isGone(): boolean {
    return this.response.closed || this.response.destroyed
  }

  /** Has the client been sent everything? */
  get isServed(): boolean {
    return this.response.writableFinished && this.response.errored === null
  }

  onGone(listener: () => void): void {
    if (!this.response.closed) this.listeners.push(listener)
    else if (!this.response.writableFinished) listener()
  }

  /** Runs once, when nothing more will happen to the response; at once where that is so already. */
  whenOver(listener: () => void): void {
    if (this.response.closed) listener()
    else this.over = listener
  }
}

function write(to: Connection, answer: Answer): void {
  const { request, response } = to
  const { body } = answer
  if (response.closed || answer.outcome.kind === 'abandoned') {
    if (isSource(body)) body.cancel()
    response.destroy()
    return
  }
  response.writeHead(answer.status, answer.headers as string[])
  // RFC 9110 §9.3.2, §15.3.5, §15.4.5: these have no body whatever the header says.
  const isBodiless = request.method === 'HEAD' || answer.status === 204 || answer.status === 304
  if (isSource(body) && !isBodiless) stream(body, to)
  else {
    if (isSource(body)) body.cancel()
    response.end(isBodiless || isSource(body) ? undefined : body)
  }
}

/** By these an origin speaks to the edge; they end here, whichever way the answer came. */
const saidToTheEdge: ReadonlySet<string> = new Set([
  'ecluse-identity',
  'ecluse-audience',
  'ecluse-cache-control',
])

/** Every line of an answer as people get it. */
function linesForPeople(
  { headers, outcome }: Answer,
  { addedHeaders }: Exchange,
  { isDraining }: ClientRouteDependencies,
): string[] {
  // Only the origin says such things; what the cache gives was cleaned when it was stored.
  const mayTellUs = outcome.kind === 'served' && outcome.from === 'origin'
  const lines: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (mayTellUs && saidToTheEdge.has(name.toLowerCase())) continue
    lines.push(name, headers[i + 1] as string)
  }
  for (const part of addedHeaders) lines.push(part)
  if (isDraining()) lines.push('connection', 'close')
  return lines
}

function isSource(body: Answer['body']): body is BodySource {
  return body !== null && 'start' in body
}

/**
 * Streams with back-pressure; a body that breaks half-way breaks the connection too, also when an
 * earlier answer still has it: Node would leave this one, and all behind it, waiting for ever.
 */
function stream(body: BodySource, { request, response, presence }: Connection): void {
  let resume = (): void => undefined
  body.start({
    flow(handle) {
      resume = () => handle.resume()
      presence.onGone(() => handle.cancel())
    },
    write: (chunk) => {
      const hasRoom = response.write(chunk)
      if (!hasRoom) response.once('drain', resume)
      return hasRoom
    },
    end: () => response.end(),
    fail: () => {
      response.destroy()
      request.socket.destroy()
    },
  })
}

function finish(
  deps: ClientRouteDependencies,
  ended: { readonly exchange: Exchange; readonly outcome: Outcome; readonly status: number },
): void {
  const { exchange, outcome } = ended
  const totalMs = deps.clock.monotonicMs() - exchange.startedAtMs
  const className = exchange.routing.routeClass.name
  const label = outcomeLabel(outcome)
  deps.meter.count('ecluse_requests_total', { class: className, outcome: label })
  const isServed = outcome.kind === 'served' || outcome.kind === 'absorbed'
  // A fast refusal must not make the latency look good.
  if (isServed) deps.meter.observe('ecluse_request_seconds', { class: className }, totalMs / 1_000)
  deps.onFinish?.({ ...ended, totalMs })
}
