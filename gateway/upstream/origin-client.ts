import type { Readable } from 'node:stream'
import { type Dispatcher, Pool } from 'undici'
import { Failure } from '../../core/failure.ts'
import type { BodySink, BodySource, ClientPresence, HeaderLines } from '../exchange.ts'

export interface OriginRequest {
  readonly method: string
  readonly target: string
  readonly headers: HeaderLines
  readonly body: Readable | null
  /** The first byte of the answer must come within this time. */
  readonly timeoutMs: number
  readonly presence: ClientPresence
}

export interface OriginAnswer {
  readonly status: number
  readonly headers: HeaderLines
  readonly body: BodySource
}

export interface OriginClient {
  /**
   * Sends one request and answers at the first byte of the final response. Never retries.
   * Fails with `origin-unreachable`, `origin-timeout`, `origin-invalid` or `client-gone`.
   */
  fetch(request: OriginRequest): Promise<OriginAnswer>
  close(): Promise<void>
}

/** A pool of HTTP/1.1 connections to one origin. Waiting is the gate's business: nothing queues here. */
export function originClient(url: string, maxConnections: number): OriginClient {
  const pool = new Pool(url, {
    connections: maxConnections,
    pipelining: 1,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: bodyIdleMs,
    connect: { timeout: connectTimeoutMs },
  })
  return {
    fetch: (request) =>
      new Promise((resolve, reject) => {
        const exchange = new OriginExchange(request, { resolve, reject })
        pool.dispatch(
          {
            method: request.method,
            path: request.target,
            headers: request.headers as string[],
            body: request.body,
          },
          exchange,
        )
      }),
    close: () => pool.destroy(),
  }
}

/** A started answer may pause this long between two chunks. */
const bodyIdleMs = 30_000
const connectTimeoutMs = 2_000
/** Of a body that nobody has taken yet, so much is kept here before its connection is paused. */
const waitingMaxBytes = 65_536

interface Settle {
  resolve(answer: OriginAnswer): void
  reject(failure: Failure): void
}

/**
 * One request on its way: undici's handler on one side, a body source on the other. Chunks that
 * come before somebody takes the body stay here: mostly all of a small one, so that it is taken whole.
 */
class OriginExchange implements Dispatcher.DispatchHandler, BodySource {
  private readonly settle: Settle
  private readonly timer: NodeJS.Timeout
  private controller: Dispatcher.DispatchController | undefined
  private sink: BodySink | undefined
  private waiting: Uint8Array[] = []
  private waitingBytes = 0
  private ending: 'open' | 'ended' | Error = 'open'
  private abortedFor: Failure | undefined
  private hasAnswered = false

  constructor(request: OriginRequest, settle: Settle) {
    this.settle = settle
    this.timer = setTimeout(() => {
      this.abort(failure('origin-timeout', `no answer within ${request.timeoutMs} ms`))
    }, request.timeoutMs)
    request.presence.onGone(() => this.abort(failure('client-gone', 'the client left')))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller
    if (this.abortedFor) controller.abort(this.abortedFor)
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // RFC 9110 §15.2: interim responses are for the edge; a final one follows.
    if (status < 200) return
    clearTimeout(this.timer)
    this.hasAnswered = true
    this.settle.resolve({ status, headers: textLines(controller.rawHeaders), body: this })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.sink === undefined) {
      this.waiting.push(chunk)
      this.waitingBytes += chunk.byteLength
      if (this.waitingBytes >= waitingMaxBytes) controller.pause()
    } else if (!this.sink.write(chunk)) controller.pause()
  }

  onResponseEnd(): void {
    this.ending = 'ended'
    this.sink?.end()
  }

  onResponseError(_: unknown, error: Error): void {
    clearTimeout(this.timer)
    this.ending = error
    if (this.hasAnswered) this.sink?.fail(error)
    else this.settle.reject(this.abortedFor ?? asFailure(error))
  }

  start(sink: BodySink): void {
    sink.flow({ resume: () => this.controller?.resume(), cancel: () => this.cancel() })
    let hasRoom = true
    for (const chunk of this.waiting) hasRoom = sink.write(chunk)
    this.waiting = []
    this.sink = sink
    if (this.ending === 'ended') sink.end()
    else if (this.ending !== 'open') sink.fail(this.ending)
    else if (hasRoom) this.controller?.resume()
  }

  cancel(): void {
    this.abort(failure('client-gone', 'nobody wants the answer any more'))
  }

  private abort(reason: Failure): void {
    clearTimeout(this.timer)
    if (this.ending !== 'open' || this.abortedFor) return
    this.abortedFor = reason
    this.controller?.abort(reason)
    // Not on a connection yet: undici reports nothing until it is, so the caller hears it now.
    if (!this.controller) this.settle.reject(reason)
  }
}

function failure(code: string, message: string): Failure {
  return new Failure({ code, message, source: code === 'client-gone' ? 'client' : 'origin' })
}

function asFailure(error: Error & { code?: string }): Failure {
  const isNonsense = error.code?.startsWith('HPE_') || error.name === 'HTTPParserError'
  const code = isNonsense ? 'origin-invalid' : 'origin-unreachable'
  return new Failure({ code, message: error.message, source: 'origin', cause: error })
}

function textLines(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(raw)) return []
  return raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')))
}
