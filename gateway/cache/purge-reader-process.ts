import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../core/clock.ts'
import { type PurgeTag, restrictedTag } from './purge-tags.ts'
import type { PurgeReader, PurgeStream } from './purge-stream-store.ts'
import type { PurgePosition, PurgeView } from './purge-view.ts'

/** Between two looks at the stream; with the time of a reply it is what a purge takes to arrive. */
const readEveryMs = 250
/** Who else reads is asked so often, so that they have names when Redis is away. */
const knowEveryRounds = 8
/** Purges of requests are gathered for this long, each tag once. */
const gatherMs = 50
/** How long a purge waits to hear that everybody has read it. */
const reachWithinMs = 1000
const lookEveryMs = 25
/** Purges that the stream has not taken yet; past it, everything that is not public is purged. */
const maxUntold = 10_000

/** Who has dropped what a purge named when its answer was given. */
export interface PurgeReach {
  /** False while Redis is away: the others hear of it when it is back. */
  readonly isTold: boolean
  readonly reached: readonly string[]
  /** Processes that have not said so in time: stopped, cut off, or ended within the last minute. */
  readonly notReached: readonly string[]
}

export interface PurgeExchangeFacts {
  /** This process's name among the readers. */
  readonly self: string
  readonly stream: PurgeStream
  readonly view: PurgeView
  readonly clock: Clock
  /** What purges of others do here. */
  drop(tags: readonly PurgeTag[]): void
}

/** Carries purges between the processes of one edge. It reads the stream until it is closed. */
export class PurgeExchange {
  readonly #facts: PurgeExchangeFacts
  readonly #untold = new Set<PurgeTag>()
  /** On their way to the stream; their number is not known yet. */
  #telling: readonly PurgeTag[] = []
  #flushed: Promise<PurgePosition | null> = Promise.resolve(null)
  readonly #closing = new AbortController()
  readonly #firstLook = Promise.withResolvers<void>()
  readonly #reading: Promise<void>
  #gathering: NodeJS.Timeout | null = null
  #known: readonly PurgeReader[] = []

  constructor(facts: PurgeExchangeFacts) {
    this.#facts = facts
    this.#reading = this.#read()
  }

  /** Fulfilled when the stream was read once, or could not be. */
  get firstLook(): Promise<void> {
    return this.#firstLook.promise
  }

  /** Tells the others soon; what cannot be told now is told when Redis is back. */
  tell(tags: readonly PurgeTag[]): void {
    this.#remember(tags)
    this.#gathering ??= setTimeout(() => {
      this.#gathering = null
      void this.#flush()
    }, gatherMs)
  }

  /** Tells the others at once and waits, a second at most, for them to say that it is done. */
  async tellAll(tags: readonly PurgeTag[]): Promise<PurgeReach> {
    const { self, stream, clock } = this.#facts
    const deadlineMs = clock.monotonicMs() + reachWithinMs
    this.#remember(tags)
    const position = await this.#flush()
    for (;;) {
      this.#known = await stream.readers().catch(() => this.#known)
      const others = this.#known.filter(({ name }) => name !== self)
      const late = others.filter((reader) => position === null || !hasRead(reader, position))
      if (late.length === 0 || position === null || clock.monotonicMs() >= deadlineMs) {
        const reached = others.filter((reader) => !late.includes(reader))
        return {
          isTold: position !== null,
          reached: [self, ...reached.map(nameOf)],
          notReached: late.map(nameOf),
        }
      }
      await sleep(lookEveryMs)
    }
  }

  /** Is it certain that nothing with these tags was purged since, by others or here? */
  isUnpurged(since: PurgePosition, tags: readonly PurgeTag[]): boolean {
    const isOnItsWay = (tag: PurgeTag): boolean =>
      this.#untold.has(tag) || this.#telling.includes(tag)
    return this.#facts.view.isUnpurged(since, tags) && !tags.some(isOnItsWay)
  }

  /** Tells what is left, and that this process reads no more. */
  async close(): Promise<void> {
    this.#closing.abort()
    if (this.#gathering !== null) clearTimeout(this.#gathering)
    await this.#reading
    await this.#flush()
    // Who could not say goodbye is taken for ended after a minute.
    await this.#facts.stream.leave().catch(() => undefined)
  }

  async #read(): Promise<void> {
    const { signal } = this.#closing
    for (let round = 0; !signal.aborted; round += 1) {
      try {
        await this.#take()
        if (round % knowEveryRounds === 0) this.#known = await this.#facts.stream.readers()
        if (this.#untold.size > 0 && this.#gathering === null) await this.#flush()
      } catch {
        // Redis is away or late; the view grows blind by its own clock.
      }
      this.#firstLook.resolve()
      await sleep(readEveryMs, undefined, { signal }).catch(() => undefined)
    }
  }

  async #take(): Promise<void> {
    const { stream, view, clock, drop } = this.#facts
    for (;;) {
      const askedAtMs = clock.monotonicMs()
      const reply = await stream.readAfter(view.position)
      const tags = view.take(reply, askedAtMs)
      if (tags.length > 0) drop(tags)
      // Once more when there was something: the next call says that it was taken in.
      if (reply.purges.length === 0) return
    }
  }

  // One at a time, so that what is on its way is known.
  #flush(): Promise<PurgePosition | null> {
    this.#flushed = this.#flushed.then(() => this.#flushNow())
    return this.#flushed
  }

  async #flushNow(): Promise<PurgePosition | null> {
    const { stream, view } = this.#facts
    const tags = [...this.#untold]
    if (tags.length === 0) return view.position
    this.#untold.clear()
    this.#telling = tags
    try {
      const position = await stream.add(tags)
      view.noteOwn(position, tags)
      return position
    } catch {
      // Redis is away or late: these wait for it. Told twice is dropped twice, which is harmless.
      this.#remember(tags)
      return null
    } finally {
      this.#telling = []
    }
  }

  #remember(tags: readonly PurgeTag[]): void {
    for (const tag of tags) this.#untold.add(tag)
    if (this.#untold.size <= maxUntold) return
    this.#untold.clear()
    this.#untold.add(restrictedTag)
  }
}

function hasRead(reader: PurgeReader, { epoch, number }: PurgePosition): boolean {
  return reader.epoch === epoch && reader.number >= number
}

function nameOf({ name }: PurgeReader): string {
  return name
}
