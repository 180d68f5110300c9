import { connect, type Socket } from 'node:net'
import { AnswerReader } from './answer-reader.ts'

/** Who waits for the answer to the request on a connection. Told once, by one of the two. */
export interface Asker {
  answered(reader: AnswerReader): void
  /** `error` is absent when the other side closed; `hasBegun` when a part had come by then. */
  broken(error: NodeJS.ErrnoException | undefined, hasBegun: boolean): void
}

/** How long to wait is the user model's business; these only end what it has forgotten. */
const connectTimeoutMs = 60_000
const answerTimeoutMs = 180_000
/** What a server's last promise to keep a connection is shortened by: the way takes time. */
const keepMarginMs = 500

/** Every socket of this thread reads into it: an answer is taken in before the next one comes. */
const arriving = Buffer.allocUnsafeSlow(65_536)

/** One HTTP/1.1 connection with one request on it at most. */
export class Connection {
  private readonly socket: Socket
  private readonly reader = new AnswerReader()
  private asker: Asker | undefined
  private isSpent = false
  private hasBegun = false
  private keptUntilMs = Number.POSITIVE_INFINITY
  /** Whether an answer came over it before. */
  isReused = false

  /** Connects; `onGone` is called once when it can carry no further request. */
  constructor(to: { host: string; port: number; localAddress?: string }, onGone: () => void) {
    const callback = (length: number): boolean => {
      this.receive(arriving, length)
      return true
    }
    this.socket = connect({ ...to, noDelay: true, onread: { buffer: arriving, callback } })
    this.socket.setTimeout(connectTimeoutMs, () => this.socket.destroy(timedOut()))
    this.socket.once('connect', () => this.socket.setTimeout(answerTimeoutMs))
    this.socket.once('end', () => this.ended())
    this.socket.once('error', (error) => this.break(error))
    this.socket.once('close', () => {
      onGone()
      this.break(undefined)
    })
  }

  /** Whether the next request may go over it. */
  get isUsable(): boolean {
    return !this.isSpent && performance.now() < this.keptUntilMs
  }

  /** Sends a request; its answer, or what broke it, is told to `asker`. */
  ask(head: string, body: string | undefined, asker: Asker): void {
    this.asker = asker
    this.hasBegun = false
    this.reader.begin()
    if (body === undefined) this.socket.write(head, 'latin1')
    else {
      this.socket.cork()
      this.socket.write(head, 'latin1')
      this.socket.write(body, 'utf8')
      this.socket.uncork()
    }
  }

  /** Closes it, as a closed tab does; nobody is told. */
  destroy(): void {
    this.isSpent = true
    this.asker = undefined
    this.socket.destroy()
  }

  /** The same, and resolves when it is closed. */
  close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.socket.once('close', () => resolve())
    const { asker } = this
    this.destroy()
    asker?.broken(undefined, true)
    return promise
  }

  private receive(bytes: Buffer, length: number): void {
    const { asker, reader } = this
    // Bytes that nobody asked for.
    if (asker === undefined) return this.destroy()
    this.hasBegun = true
    const state = reader.read(bytes, length)
    if (state === 'more') return
    if (state === 'malformed') return void this.socket.destroy(malformedAnswer())
    this.asker = undefined
    this.isReused = true
    if (reader.isKept) this.noteHowLong()
    else this.isSpent = true
    asker.answered(reader)
    if (this.isSpent) this.socket.destroy()
  }

  private noteHowLong(): void {
    const told = this.reader.fields['keep-alive']
    const seconds = typeof told === 'string' ? /timeout=(\d+)/i.exec(told)?.[1] : undefined
    if (seconds === undefined) return
    this.keptUntilMs = performance.now() + Math.max(0, Number(seconds) * 1000 - keepMarginMs)
  }

  private ended(): void {
    this.isSpent = true
    const { asker, reader } = this
    if (asker === undefined || reader.closed() !== 'whole') return
    this.asker = undefined
    asker.answered(reader)
  }

  private break(error: NodeJS.ErrnoException | undefined): void {
    this.isSpent = true
    const { asker } = this
    this.asker = undefined
    asker?.broken(error, this.hasBegun)
  }
}

function timedOut(): NodeJS.ErrnoException {
  return Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })
}

function malformedAnswer(): NodeJS.ErrnoException {
  return Object.assign(new Error('no HTTP/1.1 answer'), { code: 'EMALFORMED' })
}
