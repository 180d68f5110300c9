import type { AnswerFields } from './portal-answer.ts'

/** What the bytes so far amount to. */
export type ReadState = 'more' | 'whole' | 'malformed'

/** A head beyond this is no answer. */
const headMaxLength = 65_536

/**
 * Reads the answers of one HTTP/1.1 connection, one at a time (RFC 9112 §6): for GET, POST and
 * PUT, without pipelining. Keeps the body of text alone. O(bytes); what is not kept is not copied.
 */
export class AnswerReader {
  status = 0
  fields: AnswerFields = {}
  /** The body, byte for byte, when it is text, JSON or HTML; else empty. */
  text = ''
  /** Whether the connection may carry another request. */
  isKept = false
  private stage: Stage = 'head'
  private isText = false
  /** The part of a head or of a chunk's line that came with earlier bytes. */
  private carried = ''
  /** Bytes of the body, or of the chunk, that are still to come. */
  private leftBytes = 0

  /** Forgets the last answer. */
  begin(): void {
    this.stage = 'head'
    this.carried = ''
    this.text = ''
    this.isKept = false
  }

  /** Reads the first `length` bytes of `bytes`, which may be used again afterwards. */
  read(bytes: Buffer, length: number): ReadState {
    let at = 0
    while (at < length) {
      const next = this.step(bytes, at, length)
      if (next === malformed) return 'malformed'
      at = next
      if (this.stage === 'over') {
        // Nothing was asked for after this answer: whatever follows it cannot be trusted.
        if (at < length) this.isKept = false
        return 'whole'
      }
    }
    return 'more'
  }

  /** The other side closed: the end of an answer without a length, or a broken one. */
  closed(): ReadState {
    this.isKept = false
    return this.stage === 'until-close' ? 'whole' : 'malformed'
  }

  /** Reads one part from `at`; gives the place after it. */
  private step(bytes: Buffer, at: number, length: number): number {
    switch (this.stage) {
      case 'head':
        return this.readHead(bytes, at, length)
      case 'length':
      case 'chunk': {
        const end = Math.min(length, at + this.leftBytes)
        this.keep(bytes, at, end)
        this.leftBytes -= end - at
        if (this.leftBytes === 0) this.stage = this.stage === 'length' ? 'over' : 'chunk-end'
        return end
      }
      case 'until-close':
        this.keep(bytes, at, length)
        return length
      case 'chunk-size':
      case 'chunk-end':
      case 'trailer':
        return this.readLine(bytes, at, length)
      case 'over':
        return length
    }
  }

  private readHead(bytes: Buffer, at: number, length: number): number {
    const before = this.carried.length
    const found = before === 0 ? bytes.indexOf('\r\n\r\n', at, 'latin1') : -1
    if (found !== -1 && found + 4 <= length) {
      return this.begun(bytes.toString('latin1', at, found)) ? found + 4 : malformed
    }
    this.carried += bytes.toString('latin1', at, length)
    const end = this.carried.indexOf('\r\n\r\n', Math.max(0, before - 3))
    if (end === -1) return this.carried.length > headMaxLength ? malformed : length
    const head = this.carried.slice(0, end)
    this.carried = ''
    return this.begun(head) ? at + end + 4 - before : malformed
  }

  /** Takes a head in, without the empty line; false when it is none. */
  private begun(head: string): boolean {
    if (!head.startsWith('HTTP/1.')) return false
    this.status = Number(head.slice(9, 12))
    const fields = fieldsOf(head)
    if (fields === undefined || !(this.status >= 100 && this.status < 600)) return false
    // RFC 9110 §15.2: interim answers come before the one that counts; nobody asked to switch.
    if (this.status < 200) return this.status !== 101
    this.fields = fields
    this.isText = isTextType(fields['content-type'])
    const saysClose = /\bclose\b/i.test(String(fields['connection'] ?? ''))
    this.isKept = !saysClose && head.charCodeAt(7) === 49
    return this.frame()
  }

  /** How the body ends, RFC 9112 §6.3. */
  private frame(): boolean {
    const { fields, status } = this
    const length = fields['content-length']
    const coding = fields['transfer-encoding']
    if (status === 204 || status === 304) this.stage = 'over'
    else if (coding !== undefined) this.stage = coding === 'chunked' ? 'chunk-size' : 'until-close'
    else if (length === undefined) this.stage = 'until-close'
    else {
      if (typeof length !== 'string' || !/^\d{1,15}$/.test(length)) return false
      this.leftBytes = Number(length)
      this.stage = this.leftBytes === 0 ? 'over' : 'length'
    }
    return true
  }

  /** The lines around chunks, RFC 9112 §7.1; extensions and trailers are passed over. */
  private readLine(bytes: Buffer, at: number, length: number): number {
    const found = bytes.indexOf(10, at)
    const end = found === -1 || found >= length ? length : found + 1
    this.carried += bytes.toString('latin1', at, end)
    if (!this.carried.endsWith('\n')) return this.carried.length > headMaxLength ? malformed : end
    const line = this.carried.trimEnd()
    this.carried = ''
    if (this.stage === 'chunk-end') {
      this.stage = 'chunk-size'
      return line === '' ? end : malformed
    }
    if (this.stage === 'trailer') {
      if (line === '') this.stage = 'over'
      return end
    }
    const size = /^([0-9a-f]{1,12})(?:[ \t]*;.*)?$/i.exec(line)?.[1]
    if (size === undefined) return malformed
    this.leftBytes = Number.parseInt(size, 16)
    this.stage = this.leftBytes === 0 ? 'trailer' : 'chunk'
    return end
  }

  private keep(bytes: Buffer, from: number, to: number): void {
    if (this.isText) this.text += bytes.toString('latin1', from, to)
  }
}

type Stage =
  | 'head'
  | 'length'
  | 'chunk-size'
  | 'chunk'
  | 'chunk-end'
  | 'trailer'
  | 'until-close'
  | 'over'

/** In place of the next byte's position. */
const malformed = -1

/** Fields by lower-case name, several of one name as a list; undefined when a line is no field. */
function fieldsOf(head: string): AnswerFields | undefined {
  // No prototype: a field may have any name.
  const fields: Record<string, string | string[]> = Object.create(null)
  let at = head.indexOf('\r\n')
  while (at !== -1) {
    const next = head.indexOf('\r\n', at + 2)
    const line = next === -1 ? head.slice(at + 2) : head.slice(at + 2, next)
    const colon = line.indexOf(':')
    if (colon < 1) return undefined
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const held = fields[name]
    if (held === undefined) fields[name] = value
    else if (typeof held === 'string') fields[name] = [held, value]
    else held.push(value)
    at = next
  }
  return fields
}

function isTextType(type: string | readonly string[] | undefined): boolean {
  if (typeof type !== 'string') return false
  return type.startsWith('text/') || type.startsWith('application/json')
}
