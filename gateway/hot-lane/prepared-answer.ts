import type { MonotonicMs } from '../../core/clock.ts'
import type { HeaderLines, RepeatableAnswer } from '../exchange.ts'

/** Where memory for bytes comes from; what is in it does not matter. */
export type Allocate = (bytes: number) => Uint8Array

/** The lines of an answer around the two figures that change while it is stored. */
export interface AnswerText {
  /** Up to the digits of `Age`. */
  readonly beforeAge: string
  /** From there to the digits of the `ttl` in `Cache-Status`. */
  readonly beforeTtl: string
  readonly end: string
}

/**
 * The head of an answer that was given, with holes for its age and time to live; null when it is not
 * of the one form that the lane knows. Then the pipeline goes on giving it.
 */
export function answerText(lines: HeaderLines, connectionLines: string): AnswerText | null {
  const parts = ['HTTP/1.1 200 OK\r\n']
  let holes = ''
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] as string
    const value = lines[i + 1] as string
    const lower = name.toLowerCase()
    if (aboutConnections.has(lower)) return null
    parts[parts.length - 1] += `${name}: `
    if (lower === 'age') {
      if (!/^\d+$/.test(value)) return null
      holes += 'age '
      parts.push('\r\n')
    } else if (lower === 'cache-status') {
      if (!/^ecluse; hit; ttl=\d+$/.test(value)) return null
      holes += 'ttl '
      parts[parts.length - 1] += 'ecluse; hit; ttl='
      parts.push('\r\n')
    } else {
      parts[parts.length - 1] += `${value}\r\n`
      if (lower === 'date' || lower === 'content-length') holes += `${lower} `
    }
  }
  const [beforeAge, beforeTtl, end] = parts
  if (beforeAge === undefined || beforeTtl === undefined || end === undefined) return null
  // Each once, the age first; Node adds a Date or a framing of its own where one is missing.
  const isKnown = /^(?:date |content-length )*age (?:date |content-length )*ttl $/.test(holes)
  if (!isKnown || holes.length !== 'date content-length age ttl '.length) return null
  return { beforeAge, beforeTtl, end: `${end}${connectionLines}\r\n` }
}

/** These say how the bytes travel, which is for Node to decide. */
const aboutConnections: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Bodies up to this size are copied behind their heads, so that one write takes both. */
const copiedMaxBytes = 8 * 1024

/** An answer as bytes, ready to be written; once a second its two figures are brought up to date. */
export class PreparedAnswer {
  readonly #text: AnswerText
  readonly #answer: RepeatableAnswer
  readonly #allocate: Allocate
  #bytes: Uint8Array | null = null
  #age = ''
  #ttl = ''
  #ageSeconds = -1
  #ttlSeconds = -1

  constructor(text: AnswerText, answer: RepeatableAnswer, allocate: Allocate) {
    this.#text = text
    this.#answer = answer
    this.#allocate = allocate
  }

  /** The body where it is not behind the head: the store's own bytes, which nobody changes. */
  get rest(): Uint8Array | null {
    const { body } = this.#answer
    return body.byteLength > copiedMaxBytes ? body : null
  }

  /** Bytes of memory that it takes, about. */
  get size(): number {
    const { beforeAge, beforeTtl, end } = this.#text
    const copiedBytes = this.rest === null ? this.#answer.body.byteLength : 0
    return copiedBytes + 2 * (beforeAge.length + beforeTtl.length + end.length) + 512
  }

  /** The answer as it is at `nowMs`, up to its `rest`. The next call may change these bytes: see `release`. */
  bytesAt(nowMs: MonotonicMs): Uint8Array {
    const { bornAtMs, freshUntilMs } = this.#answer
    const ageSeconds = Math.max(0, Math.floor((nowMs - bornAtMs) / 1000))
    const ttlSeconds = Math.floor((freshUntilMs - nowMs) / 1000)
    const isSame = ageSeconds === this.#ageSeconds && ttlSeconds === this.#ttlSeconds
    if (isSame && this.#bytes !== null) return this.#bytes
    const age = String(ageSeconds)
    const ttl = String(ttlSeconds)
    const isSameLength = age.length === this.#age.length && ttl.length === this.#ttl.length
    this.#age = age
    this.#ttl = ttl
    this.#ageSeconds = ageSeconds
    this.#ttlSeconds = ttlSeconds
    if (!isSameLength || this.#bytes === null) return (this.#bytes = this.#whole())
    const { beforeAge, beforeTtl } = this.#text
    writeText(this.#bytes, age, beforeAge.length)
    writeText(this.#bytes, ttl, beforeAge.length + age.length + beforeTtl.length)
    return this.#bytes
  }

  /** The bytes last given are still on their way: they are left alone, and the next are others. */
  release(): void {
    this.#bytes = null
  }

  #whole(): Uint8Array {
    const { beforeAge, beforeTtl, end } = this.#text
    const head = beforeAge + this.#age + beforeTtl + this.#ttl + end
    const { body } = this.#answer
    const isCopied = this.rest === null
    const bytes = this.#allocate(head.length + (isCopied ? body.byteLength : 0))
    writeText(bytes, head, 0)
    if (isCopied) bytes.set(body, head.length)
    return bytes
  }
}

// Header fields are Latin-1 (RFC 9110 §5.5), as Node writes them.
function writeText(bytes: Uint8Array, text: string, at: number): void {
  for (let i = 0; i < text.length; i += 1) bytes[at + i] = text.charCodeAt(i)
}
