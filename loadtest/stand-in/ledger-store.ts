import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { Failure } from '../../core/failure.ts'

/** One applied write, as a line of the ledger. */
export interface AppliedWrite {
  /** Position among all applied writes, from 1, continued after a restart. */
  readonly order: number
  /** The idempotency key it came with. */
  readonly key: string
  readonly principal: string
  /** SHA-256 of the body, hexadecimal. */
  readonly hash: string
  /** Service class of the write. */
  readonly kind: string
  readonly atMs: number
}

/**
 * The portal's durable state: an append-only file with one JSON line per applied write, written
 * before the answer leaves. One write(2) per line reaches the page cache, which outlives the
 * process (kill -9) though not a power cut. A torn last line is cut off on opening: its write
 * was never answered. Memory: one map entry per write ever applied.
 */
export class LedgerStore {
  private readonly descriptor: number
  private readonly firstByKey = new Map<string, AppliedWrite>()
  private sizeBytes: number
  private lastOrder = 0

  constructor(file: string) {
    this.descriptor = openSync(file, 'a+', 0o600)
    const content = readFileSync(file)
    this.sizeBytes = content.lastIndexOf(0x0a) + 1
    for (const line of content.toString('utf8', 0, this.sizeBytes).split('\n')) {
      if (line !== '') this.remember(JSON.parse(line) as AppliedWrite)
    }
    if (this.sizeBytes < fstatSync(this.descriptor).size) {
      ftruncateSync(this.descriptor, this.sizeBytes)
    }
  }

  /** Writes applied since the ledger began, restarts included. */
  get count(): number {
    return this.lastOrder
  }

  /** The first write applied for this principal under this key. */
  find(principal: string, key: string): AppliedWrite | undefined {
    return this.firstByKey.get(`${principal} ${key}`)
  }

  /** Applies a write; throws a `Failure` and leaves no trace when the disk refuses. */
  append(write: Omit<AppliedWrite, 'order'>): AppliedWrite {
    const applied = { order: this.lastOrder + 1, ...write }
    const line = Buffer.from(`${JSON.stringify(applied)}\n`)
    let written = 0
    let cause: unknown
    try {
      written = writeSync(this.descriptor, line)
    } catch (error) {
      cause = error
    }
    if (written !== line.length) {
      if (written > 0) ftruncateSync(this.descriptor, this.sizeBytes)
      throw new Failure({
        code: 'ledger-full',
        message: `The ledger took ${written} of ${line.length} bytes; is its disk full?`,
        source: 'origin',
        cause,
      })
    }
    this.sizeBytes += line.length
    this.remember(applied)
    return applied
  }

  close(): void {
    closeSync(this.descriptor)
  }

  private remember(write: AppliedWrite): void {
    this.lastOrder = write.order
    const name = `${write.principal} ${write.key}`
    if (!this.firstByKey.has(name)) this.firstByKey.set(name, write)
  }
}
