import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Hit } from './hot-lane.ts'

/** Who answers at the parser's event, before Node makes a response. */
export interface ParserLane {
  find(target: string, lines: readonly string[]): Hit | null
  /** Its last byte is out. */
  given(hit: Hit): void
  /** The client took its time to read it, or left before the last byte. */
  slow(hit: Hit, end: 'fresh' | 'abandoned', tookMs: number): void
}

/**
 * Answers what the lane knows as soon as the head of a request is parsed; everything else goes the
 * ordinary way. This uses two things of Node that are not documented: the parser's `onIncoming` and
 * the socket's `_httpMessage`, the response whose turn it is. `parserLaneWorks` tries them first.
 */
export function attachParserLane(server: Server, lane: ParserLane): void {
  server.on('connection', (socket: Socket) => listen(server, socket, lane))
}

/** A socket of Node's HTTP server, as far as we look inside. */
interface ServedSocket extends Socket {
  readonly parser?: { onIncoming?: OnIncoming }
  /** The response that is being written; null or absent when nothing is outstanding. */
  readonly _httpMessage?: object | null
}

type ParsedRequest = IncomingMessage & {
  readonly upgrade?: boolean | null
  /** Newer Nodes have it, for requests without a body; older ones do a little more work. */
  _dumpAndCloseReadable?(): void
}
type OnIncoming = (request: ParsedRequest, shouldKeepAlive: boolean) => number

function listen(server: Server, socket: ServedSocket, lane: ParserLane): void {
  const { parser } = socket
  const ordinary = parser?.onIncoming
  if (parser === undefined || ordinary === undefined) return
  let isIdleTimed = false
  parser.onIncoming = (request, shouldKeepAlive) => {
    if (shouldKeepAlive && mayAnswer(request, socket)) {
      const hit = lane.find(request.url as string, request.rawHeaders)
      if (hit !== null) {
        // Node sets this after each response of its own; activity on the socket winds it up again.
        if (!isIdleTimed) socket.setTimeout(server.keepAliveTimeout + idleLeewayMs)
        isIdleTimed = true
        // There is no body, and nobody listens for its end.
        request._dumpAndCloseReadable?.()
        send(socket, hit, lane)
        return 0
      }
    }
    if (isIdleTimed) socket.setTimeout(server.timeout)
    isIdleTimed = false
    return ordinary(request, shouldKeepAlive)
  }
}

/** As Node has it: a client that keeps to what we announce is never cut. */
const idleLeewayMs = 1_000

/** Only where nothing is outstanding: answers must leave in the order of their requests. */
function mayAnswer(request: ParsedRequest, socket: ServedSocket): boolean {
  return (
    request.method === 'GET' &&
    request.httpVersionMinor === 1 &&
    request.httpVersionMajor === 1 &&
    request.upgrade !== true &&
    (socket._httpMessage === null || socket._httpMessage === undefined) &&
    socket.writableLength === 0 &&
    socket.writable
  )
}

function send(socket: Socket, hit: Hit, lane: ParserLane): void {
  if (hit.rest === null) socket.write(hit.bytes)
  else {
    // Both in one system call.
    socket.cork()
    socket.write(hit.bytes)
    socket.write(hit.rest)
    socket.uncork()
  }
  if (socket.writableLength === 0) {
    lane.given(hit)
    return
  }
  // The kernel did not take all of it: these bytes are not ours to change until it has.
  hit.hot.prepared.release()
  const sinceMs = performance.now()
  socket.write('', (error) =>
    lane.slow(hit, error ? 'abandoned' : 'fresh', performance.now() - sinceMs),
  )
}

/**
 * Does this Node's server work as the lane needs it? Tried on a server of its own with a connection
 * in memory: the lane answers what it knows, leaves the rest, and never overtakes an answer.
 */
export async function parserLaneWorks(attach = attachParserLane): Promise<boolean> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url as string)
    // After the next request was parsed, so that an answer of the lane could overtake this one.
    setImmediate(() => response.end())
  })
  const bytes = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!')
  const prepared = { release: () => undefined }
  const hit = { hot: { prepared }, bytes, rest: null } as unknown as Hit
  attach(server, {
    find: (target) => (target === '/hot' ? hit : null),
    given: () => undefined,
    slow: () => undefined,
  })
  const connection = new MemoryConnection()
  server.emit('connection', connection)
  const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`
  connection.push(get('/hot') + get('/cold') + get('/hot'))
  const written = await connection.answered(3)
  connection.destroy()
  server.close()
  const isInOrder = written.startsWith(`${bytes.toString()}HTTP/1.1 200 OK\r\n`)
  return isInOrder && asked.join(' ') === '/cold /hot'
}

/** A client and its wire, both in memory. */
class MemoryConnection extends Duplex {
  #written = ''
  #onAnswer: () => void = () => undefined

  override _read(): void {}

  override _write(chunk: Uint8Array, _: string, done: () => void): void {
    this.#written += Buffer.from(chunk).toString('latin1')
    done()
    this.#onAnswer()
  }

  setTimeout(): void {}

  /** Everything written once there are so many answers, or after five seconds without them. */
  answered(count: number): Promise<string> {
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(this.#written), 5_000)
      this.#onAnswer = () => {
        if (this.#written.split('HTTP/1.1 200').length <= count) return
        clearTimeout(late)
        resolve(this.#written)
      }
      this.#onAnswer()
    })
  }
}
