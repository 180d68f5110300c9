import type { MonotonicMs } from '../../core/clock.ts'
import type { RepeatableAnswer } from '../exchange.ts'
import type { HotRequest } from './hot-request.ts'
import type { PreparedAnswer } from './prepared-answer.ts'

/** What the lane gives to requests for one target, host and Accept-Encoding. */
export interface HotAnswer {
  readonly host: string
  readonly acceptEncoding: string
  readonly className: string
  readonly answer: RepeatableAnswer
  readonly prepared: PreparedAnswer
  /** From then on the pipeline is asked again. */
  readonly untilMs: MonotonicMs
}

/** Few browsers differ in their Accept-Encoding; more variants than this replace each other. */
const variantsMax = 4

/**
 * Prepared answers by target, in two generations: what is asked for stays, the rest leaves with the
 * elder generation, when the younger one is half of the memory or the lane says that time is up.
 */
export class HotAnswers {
  readonly #maxBytes: number
  #young = new Map<string, HotAnswer[]>()
  #old = new Map<string, HotAnswer[]>()
  #youngBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** O(variants); nothing is allocated. */
  find(target: string, request: HotRequest): HotAnswer | undefined {
    const variants = this.#young.get(target) ?? this.#renewed(target)
    if (variants === undefined) return undefined
    for (const one of variants) {
      if (one.host === request.host && one.acceptEncoding === request.acceptEncoding) return one
    }
    return undefined
  }

  /** What is asked for is young again. */
  #renewed(target: string): HotAnswer[] | undefined {
    const variants = this.#old.get(target)
    if (variants !== undefined) this.#put(target, variants)
    return variants
  }

  /** Keeps an answer in the place of an earlier one for the same requests. */
  keep(target: string, hot: HotAnswer): void {
    if (hot.prepared.size > this.#maxBytes / 2) return
    const others = (this.#young.get(target) ?? this.#old.get(target) ?? []).filter(
      (one) => one.host !== hot.host || one.acceptEncoding !== hot.acceptEncoding,
    )
    this.#put(target, [hot, ...others.slice(0, variantsMax - 1)])
  }

  #put(target: string, variants: HotAnswer[]): void {
    for (const one of this.#young.get(target) ?? []) this.#youngBytes -= one.prepared.size
    for (const one of variants) this.#youngBytes += one.prepared.size
    this.#young.set(target, variants)
    this.#old.delete(target)
    if (this.#youngBytes > this.#maxBytes / 2) this.age()
  }

  /** Lets the elder generation go. What is still wanted is kept again by the pipeline. */
  age(): void {
    this.#old = this.#young
    this.#young = new Map()
    this.#youngBytes = 0
  }

  clear(): void {
    this.age()
    this.#old = new Map()
  }
}
