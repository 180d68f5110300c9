import type { MonotonicMs } from '../../core/clock.ts'
import type { ClientPresence } from '../exchange.ts'
import { alwaysPresent } from './shared-exchange.ts'
import type { StoredAnswer } from './stored-answer.ts'

/** Runs `act` after `delayMs` unless the returned function is called before. */
export type After = (delayMs: number, act: () => void) => () => void

/** What becomes of one who waits for another's fetch. */
export type Turn =
  /** The answer has come and is for them too. */
  | { readonly kind: 'stored'; readonly entry: StoredAnswer }
  /** The origin failed: the stale entry, for those who have one. */
  | { readonly kind: 'failed' }
  /** The leader's answer was its own: this one fetches next. */
  | { readonly kind: 'lead' }
  /** The answer is shared, but under another key: ask the store again. */
  | { readonly kind: 'again' }
  /** The answer is not for sharing: fetch for yourself. */
  | { readonly kind: 'alone' }
  /** Nothing came in the time one waits. */
  | { readonly kind: 'late' }
  /** Their client has left. */
  | { readonly kind: 'gone' }

/** After this many answers that were their leaders' own, the rest stop waiting in line. */
const maxHandOvers = 3

/** Those who want one answer. It is present while one of them is. */
export class Crowd implements ClientPresence {
  #people = 0
  #listeners: (() => void)[] = []
  isGone = false

  onGone(listener: () => void): void {
    if (this.isGone) listener()
    else this.#listeners.push(listener)
  }

  /** Counts somebody in until they leave or the returned function is called. */
  join(presence: ClientPresence): () => void {
    this.#people += 1
    let isIn = true
    const leave = (): void => {
      if (!isIn) return
      isIn = false
      this.#people -= 1
      if (this.#people > 0 || this.isGone) return
      this.isGone = true
      for (const listener of this.#listeners) listener()
      this.#listeners = []
    }
    presence.onGone(leave)
    return leave
  }
}

/** One key being fetched: who leads, who waits, and how the waiting ends. */
export class Flight {
  readonly crowd = new Crowd()
  readonly #waiting = new Set<(turn: Turn) => void>()
  readonly #onOver: () => void
  #leaders = 0
  #handOvers = 0
  #ledAtMs = 0
  #isHeld = false
  #isOver = false

  /** `onOver` runs once, before those who wait are told. */
  constructor(onOver: () => void) {
    this.#onOver = onOver
    this.crowd.onGone(() => this.end({ kind: 'gone' }))
  }

  /** Somebody sets out to fetch. */
  lead(nowMs: MonotonicMs): void {
    this.#leaders += 1
    this.#ledAtMs = nowMs
  }

  /** Takes the right to fetch beside one that takes this long, if nobody did for `patienceMs`. */
  relieve(nowMs: MonotonicMs, patienceMs: number): boolean {
    if (this.#isOver || nowMs - this.#ledAtMs < patienceMs) return false
    this.#ledAtMs = nowMs
    return true
  }

  /** The answer is wanted whole, whoever leaves. */
  hold(): void {
    this.#isHeld = true
    this.crowd.join(alwaysPresent)
  }

  /** Does somebody besides its leader want the answer? */
  get isWanted(): boolean {
    return this.#isHeld || this.#waiting.size > 0
  }

  /** Waits for a turn, `patienceMs` at most. */
  wait(options: {
    readonly presence: ClientPresence
    readonly patienceMs: number
    readonly after: After
  }): Promise<Turn> {
    if (this.#isOver) return Promise.resolve({ kind: 'again' })
    return new Promise((resolve) => {
      let stopTimer = (): void => undefined
      const settle = (turn: Turn): void => {
        if (!this.#waiting.delete(settle)) return
        stopTimer()
        resolve(turn)
      }
      this.#waiting.add(settle)
      stopTimer = options.after(options.patienceMs, () => settle({ kind: 'late' }))
      options.presence.onGone(() => settle({ kind: 'gone' }))
    })
  }

  /** A leader's answer was of no use to others: the one who has waited longest leads. */
  handOver(): void {
    this.#leaders -= 1
    if (this.#isOver || this.#leaders > 0) return
    this.#handOvers += 1
    const [next] = this.#waiting
    if (!next || this.#handOvers > maxHandOvers) this.end({ kind: 'alone' })
    else next({ kind: 'lead' })
  }

  /** The flight is over for everybody; later calls change nothing. */
  end(turn: Turn): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onOver()
    for (const settle of this.#waiting) settle(turn)
  }
}
