import { brotliDecompressSync, constants, gunzipSync } from 'node:zlib'

/** A final answer as it came, framed by the reader and not decoded. */
export interface RawAnswer {
  readonly status: number
  /** Status line and fields, for canaries. */
  readonly head: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** The body in clear, as far as a part of one goes; a coding that nobody asked for is an error. */
export function decodedBody({ status, fields, body }: RawAnswer): string {
  const isPart = status === 206
  switch (field(fields, 'content-encoding')) {
    case undefined:
      return body.toString('latin1')
    case 'gzip':
      return body.byteLength === 0
        ? ''
        : gunzipSync(body, isPart ? partOfGzip : {}).toString('latin1')
    case 'br':
      return body.byteLength === 0
        ? ''
        : brotliDecompressSync(body, isPart ? partOfBrotli : {}).toString('latin1')
    default:
      throw new Error('a coding that nobody asked for')
  }
}

// A range from the first byte on decodes to the beginning of the whole.
const partOfGzip = { finishFlush: constants.Z_SYNC_FLUSH }
const partOfBrotli = { finishFlush: constants.BROTLI_OPERATION_FLUSH }

export function field(fields: RawAnswer['fields'], name: string): string | undefined {
  return fields.find(([found]) => found === name)?.[1]
}

/** Reads answers off one connection, strictly: a byte that fits nowhere is an error. */
export class AnswerReader {
  #rest: Buffer = Buffer.alloc(0)

  add(chunk: Buffer): void {
    this.#rest = this.#rest.byteLength === 0 ? chunk : Buffer.concat([this.#rest, chunk])
  }

  /** The next whole final answer to a request of this method, or null when it is not there yet. */
  next(method: string): RawAnswer | null {
    for (;;) {
      const headEnd = this.#rest.indexOf('\r\n\r\n')
      if (headEnd === -1) return null
      const head = this.#rest.toString('latin1', 0, headEnd)
      const [statusLine = '', ...lines] = head.split('\r\n')
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1])
      if (Number.isNaN(status)) throw new Error(`no answer begins so: ${head.slice(0, 80)}`)
      const bodyAt = headEnd + 4
      if (status < 200) {
        this.#rest = this.#rest.subarray(bodyAt)
        continue
      }
      const fields = lines.map(fieldOf)
      const isBodiless = method === 'HEAD' || status === 204 || status === 304
      const read = isBodiless ? { body: empty, endsAt: bodyAt } : this.#body(fields, bodyAt)
      if (read === null) return null
      this.#rest = this.#rest.subarray(read.endsAt)
      return { status, head, fields, body: read.body }
    }
  }

  #body(fields: RawAnswer['fields'], at: number): { body: Buffer; endsAt: number } | null {
    if (field(fields, 'transfer-encoding') !== undefined) return this.#chunks(at)
    const length = Number(field(fields, 'content-length'))
    if (Number.isNaN(length)) throw new Error('an answer without framing')
    if (this.#rest.byteLength < at + length) return null
    return { body: this.#rest.subarray(at, at + length), endsAt: at + length }
  }

  #chunks(from: number): { body: Buffer; endsAt: number } | null {
    const parts: Buffer[] = []
    for (let at = from; ; ) {
      const lineEnd = this.#rest.indexOf('\r\n', at)
      if (lineEnd === -1) return null
      const size = Number.parseInt(this.#rest.toString('latin1', at, lineEnd), 16)
      if (Number.isNaN(size)) throw new Error('a chunk without a size')
      const dataAt = lineEnd + 2
      if (this.#rest.byteLength < dataAt + size + 2) return null
      at = dataAt + size + 2
      if (size === 0) return { body: Buffer.concat(parts), endsAt: at }
      parts.push(this.#rest.subarray(dataAt, dataAt + size))
    }
  }
}

const empty = Buffer.alloc(0)

function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}
