import type { BodySink, BodySource, ClientPresence } from '../exchange.ts'

/** How the collection of a body ended. */
export type Collected =
  | { readonly kind: 'whole'; readonly body: Uint8Array }
  | { readonly kind: 'cut' }
  | { readonly kind: 'too-large' }

export interface SharedBodyOptions {
  readonly source: BodySource
  readonly maxBytes: number
  /** Those the source was asked for; when they are gone it stops without a word. */
  readonly presence: ClientPresence
  /** Does somebody besides the reader want the whole? */
  isWanted(): boolean
  /** Runs once. */
  onCollected(collected: Collected): void
}

/**
 * A body that goes to one reader while it is collected for the store.
 *
 * While it collects, the source runs at its own pace and the reader at its own: what the reader
 * has not taken yet is memory the collection holds anyway. Past `maxBytes` the collection ends
 * (`too-large`) and the reader's pace becomes the source's. A reader that leaves ends the source
 * too, unless somebody else wants the whole.
 */
export class SharedBody implements BodySource {
  readonly #options: SharedBodyOptions
  #kept: Uint8Array[] | null = []
  #keptBytes = 0
  #queue: Uint8Array[] = []
  #reader: BodySink | null = null
  #hasReaderLeft = false
  #isReaderFull = false
  #ending: 'end' | Error | null = null
  #flow = { resume: (): void => undefined, cancel: (): void => undefined }

  constructor(options: SharedBodyOptions) {
    this.#options = options
    options.source.start({
      flow: (handle) => {
        this.#flow = handle
      },
      write: (chunk) => this.#take(chunk),
      end: () => {
        this.#ending = 'end'
        if (this.#kept) this.#finish({ kind: 'whole', body: joined(this.#kept, this.#keptBytes) })
        this.#pump()
      },
      fail: (error) => {
        this.#ending = error
        this.#queue = []
        this.#finish({ kind: 'cut' })
        this.#pump()
      },
    })
    options.presence.onGone(() => this.#finish({ kind: 'cut' }))
  }

  start(sink: BodySink): void {
    this.#reader = sink
    sink.flow({
      resume: () => {
        this.#isReaderFull = false
        this.#pump()
        const isIdle = this.#queue.length === 0 && !this.#isReaderFull
        if (this.#kept === null && this.#ending === null && isIdle) this.#flow.resume()
      },
      cancel: () => this.cancel(),
    })
    this.#pump()
    if (this.#kept === null && this.#ending === null && !this.#isReaderFull) this.#flow.resume()
  }

  cancel(): void {
    if (this.#hasReaderLeft) return
    this.#hasReaderLeft = true
    this.#reader = null
    this.#queue = []
    if (this.#ending !== null || (this.#kept !== null && this.#options.isWanted())) return
    this.#flow.cancel()
    this.#finish({ kind: 'cut' })
  }

  #take(chunk: Uint8Array): boolean {
    if (this.#kept) {
      this.#kept.push(chunk)
      this.#keptBytes += chunk.byteLength
      if (this.#keptBytes > this.#options.maxBytes) this.#finish({ kind: 'too-large' })
    }
    if (this.#hasReaderLeft) {
      if (this.#kept === null) this.#flow.cancel()
      return true
    }
    this.#queue.push(chunk)
    this.#pump()
    return this.#kept !== null || (this.#queue.length === 0 && !this.#isReaderFull)
  }

  #pump(): void {
    const reader = this.#reader
    if (!reader) return
    let taken = 0
    while (!this.#isReaderFull && taken < this.#queue.length) {
      this.#isReaderFull = !reader.write(this.#queue[taken] as Uint8Array)
      taken += 1
    }
    this.#queue = this.#queue.slice(taken)
    if (this.#queue.length > 0 || this.#ending === null) return
    this.#reader = null
    if (this.#ending === 'end') reader.end()
    else reader.fail(this.#ending)
  }

  #finish(collected: Collected): void {
    if (this.#kept === null) return
    this.#kept = null
    this.#options.onCollected(collected)
  }
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const [only] = chunks
  // A chunk that is part of a larger buffer would keep the whole of it alive.
  if (only && chunks.length === 1 && only.byteLength === only.buffer.byteLength) return only
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}
