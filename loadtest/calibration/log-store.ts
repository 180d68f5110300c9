import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { Failure } from '../../core/failure.ts'
import { lineReader } from './line-readers.ts'
import { formatOf, type LineReader, type LogEntry } from './log-entry.ts'

/** What was read, beside the page views. */
export interface LogTotals {
  bytes: number
  lines: number
  damaged: number
}

/**
 * Hands over the entries of all files in order of time, as far as each file is in order. Files
 * that overlap are read side by side, others one after another; at most a piece of each is in
 * memory. Plain or gzip. Fails with `log-unreadable`.
 */
export async function readLogs(ask: {
  readonly files: readonly string[]
  readonly secret: number
  readonly onEntry: (entry: LogEntry) => void
}): Promise<LogTotals> {
  const totals: LogTotals = { bytes: 0, lines: 0, damaged: 0 }
  const waiting = await Promise.all(ask.files.map((file) => firstPiece(file, ask.secret)))
  waiting.sort((a, b) => a.headMs - b.headMs)
  const active: LogSource[] = []
  for (;;) {
    const earliest = active.reduce<LogSource | undefined>(
      (best, one) => (best === undefined || one.headMs < best.headMs ? one : best),
      undefined,
    )
    const next = waiting[0]
    if (next !== undefined && (earliest === undefined || next.headMs <= earliest.headMs)) {
      waiting.shift()
      const source = new LogSource(next.file, next.read, totals)
      if (await source.refill()) active.push(source)
      continue
    }
    if (earliest === undefined) return totals
    const others = active.filter((one) => one !== earliest).map(({ headMs }) => headMs)
    const untilMs = Math.min(Number.POSITIVE_INFINITY, next?.headMs ?? Infinity, ...others)
    earliest.handOver(untilMs, ask.onEntry)
    if (earliest.isEmpty && !(await earliest.refill())) active.splice(active.indexOf(earliest), 1)
  }
}

const pieceBytes = 1 << 20

/** One file, a piece at a time. */
class LogSource {
  private readonly pieces: AsyncIterator<Buffer>
  private readonly read: LineReader
  private readonly totals: LogTotals
  private readonly file: string
  private entries: LogEntry[] = []
  private at = 0
  private cut = ''

  constructor(file: string, read: LineReader, totals: LogTotals) {
    this.file = file
    this.read = read
    this.totals = totals
    const stream = createReadStream(file, { highWaterMark: pieceBytes })
    const plain = file.endsWith('.gz')
      ? stream.pipe(createGunzip({ chunkSize: pieceBytes }))
      : stream
    // An error of the file itself must not be lost behind the unpacking.
    if (plain !== stream) stream.on('error', (error) => plain.destroy(error))
    this.pieces = plain[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  get headMs(): number {
    return this.entries[this.at]?.atMs ?? Number.POSITIVE_INFINITY
  }

  get isEmpty(): boolean {
    return this.at >= this.entries.length
  }

  handOver(untilMs: number, onEntry: (entry: LogEntry) => void): void {
    const { entries } = this
    let entry = entries[this.at]
    // At least one, so that equal times cannot stop the reading.
    do {
      if (entry !== undefined) onEntry(entry)
      this.at += 1
      entry = entries[this.at]
    } while (entry !== undefined && entry.atMs <= untilMs)
  }

  /** Reads on until there is an entry; false at the end of the file. */
  async refill(): Promise<boolean> {
    this.entries = []
    this.at = 0
    while (this.entries.length === 0) {
      const piece = await this.nextPiece()
      if (piece === undefined) return false
      this.readLines(piece)
    }
    return true
  }

  private async nextPiece(): Promise<string | undefined> {
    let step: IteratorResult<Buffer>
    try {
      step = await this.pieces.next()
    } catch (cause) {
      throw unreadable(this.file, cause)
    }
    if (step.done !== true) {
      this.totals.bytes += step.value.length
      return this.cut + step.value.toString('latin1')
    }
    const rest = this.cut
    this.cut = ''
    return rest === '' ? undefined : `${rest}\n`
  }

  private readLines(text: string): void {
    let from = 0
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      this.totals.lines += 1
      const entry = this.read(text, from, to)
      if (entry === 'damaged') this.totals.damaged += 1
      else if (entry !== 'skipped') this.entries.push({ ...entry })
      from = to + 1
    }
    this.cut = text.slice(from)
    // A line that never ends is no log line: dropped, counted, and memory stays flat.
    if (this.cut.length <= pieceBytes) return
    this.totals.damaged += 1
    this.cut = ''
  }
}

/** The format and the first time of a file, from its beginning. */
async function firstPiece(file: string, secret: number) {
  const source = { file, read: undefined as LineReader | undefined }
  const start = await beginningOf(file)
  const lines = start.split('\n').slice(0, 200)
  const format = lines.map(formatOf).find((one) => one !== undefined)
  if (format === undefined) {
    throw unreadable(file, 'no line of nginx or Apache (combined or JSON) or HAProxy')
  }
  const read = lineReader(format, secret)
  const times = lines.flatMap((line) => {
    const entry = read(line, 0, line.length)
    return typeof entry === 'string' ? [] : [entry.atMs]
  })
  // Without a page in its first lines a file is read from the start, where it can only be early.
  return { ...source, read, headMs: times.length === 0 ? 0 : Math.min(...times) }
}

async function beginningOf(file: string): Promise<string> {
  let handle: FileHandle | undefined
  try {
    if (!file.endsWith('.gz')) {
      handle = await open(file)
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(65_536), 0, 65_536, 0)
      return buffer.toString('latin1', 0, bytesRead)
    }
    const unpacked = createReadStream(file).pipe(createGunzip())
    for await (const piece of unpacked) return (piece as Buffer).toString('latin1', 0, 65_536)
    return ''
  } catch (cause) {
    throw unreadable(file, cause)
  } finally {
    await handle?.close()
  }
}

function unreadable(file: string, cause: unknown): Failure {
  const found = cause instanceof Error ? cause.message : String(cause)
  return new Failure({
    code: 'log-unreadable',
    message: `${file}: expected an access log that can be read, found ${found}.`,
    source: 'client',
    cause,
  })
}
