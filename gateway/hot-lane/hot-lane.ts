import type { Clock, MonotonicMs } from '../../core/clock.ts'
import type { Answer, Exchange } from '../exchange.ts'
import type { Policy } from '../policy/policy.ts'
import { type Asker, Askers } from './askers.ts'
import { type HotAnswer, HotAnswers } from './hot-answers.ts'
import { readHotRequest } from './hot-request.ts'
import { type Allocate, answerText, PreparedAnswer } from './prepared-answer.ts'

export interface HotLaneFacts {
  readonly clock: Clock
  readonly allocate: Allocate
  /** Memory for prepared answers. */
  readonly maxBytes: number
  /** What Node says of the connection in the head of every answer, with its line ends. */
  readonly connectionLines: string
  policy(): Policy
  /** A server that stops says so in each answer, which the lane does not know how to. */
  isDraining(): boolean
}

/** An answer of the lane and who gets it. */
export interface Hit {
  readonly hot: HotAnswer
  readonly asker: Asker
  readonly bytes: Uint8Array
  /** What follows them, of a large answer. */
  readonly rest: Uint8Array | null
}

/** How many answers were given, of each class and to people of each school. */
export interface LaneTally {
  readonly byClass: ReadonlyMap<string, number>
  readonly bySchool: ReadonlyMap<string | null, number>
}

/** What nobody asked for in this time is forgotten; the memory is bounded besides. */
const answersMs = 60_000
/** People are recognised anew after one to two of these. */
const askersMs = 10_000
/** Before an answer ends the pipeline decides alone: it may want to fetch a newer one in time. */
const marginMs = 2_000
/** Of so many requests one goes the long way, for whoever looks at single requests. */
const longWayEvery = 100
const bodyMaxBytes = 256 * 1024

/**
 * Gives fresh stored answers again that the pipeline has given before, to requests to which it would
 * give the same. It decides nothing: the pipeline gave each answer and saw each asker some seconds
 * ago, and what could change an answer (policy, store, time) is looked at each time.
 */
export class HotLane {
  readonly #facts: HotLaneFacts
  readonly #answers: HotAnswers
  readonly #askers = new Askers()
  #policy: Policy | null = null
  #untilLongWay = longWayEvery
  #byClass = new Map<string, number>()
  #bySchool = new Map<string | null, number>()
  #answersAgedAtMs = 0
  #askersAgedAtMs = 0

  constructor(facts: HotLaneFacts) {
    this.#facts = facts
    this.#answers = new HotAnswers(facts.maxBytes)
  }

  /** The answer to a GET of HTTP/1.1 without a body, or null: ask the pipeline. */
  find(target: string, lines: readonly string[]): Hit | null {
    const facts = this.#facts
    if (facts.policy() !== this.#policy || facts.isDraining()) return null
    const request = readHotRequest(lines)
    if (request === null) return null
    const hot = this.#answers.find(target, request)
    if (hot === undefined) return null
    const nowMs = facts.clock.monotonicMs()
    if (nowMs >= hot.untilMs) return null
    const asker = this.#askers.find(request.cookie)
    if (asker === undefined || !hot.answer.isCurrent()) return null
    this.#untilLongWay -= 1
    if (this.#untilLongWay <= 0) {
      this.#untilLongWay = longWayEvery
      return null
    }
    const { prepared } = hot
    return { hot, asker, bytes: prepared.bytesAt(nowMs), rest: prepared.rest }
  }

  /** Counts an answer whose last byte is out. */
  given({ hot, asker }: Hit): void {
    this.#byClass.set(hot.className, (this.#byClass.get(hot.className) ?? 0) + 1)
    this.#bySchool.set(asker.school, (this.#bySchool.get(asker.school) ?? 0) + 1)
  }

  /** What was given since the last call. */
  takeTally(): LaneTally {
    const tally = { byClass: this.#byClass, bySchool: this.#bySchool }
    this.#byClass = new Map()
    this.#bySchool = new Map()
    return tally
  }

  /** Looks at an answer that the pipeline gave; remembers it when it may be given again. */
  learn(exchange: Exchange, answer: Answer): void {
    const nowMs = this.#facts.clock.monotonicMs()
    const repeatable = exchange.cache?.repeatable
    if (repeatable === undefined || !isForTheLane(exchange, answer)) return
    const request = readHotRequest(exchange.request.headerLines)
    if (request === null || !this.#isInForce(exchange.policy)) return
    this.#ageInTime(nowMs)
    this.#askers.remember(request.cookie, exchange.identity.principal?.school ?? null)
    const untilMs = (repeatable.freshUntilMs - marginMs) as MonotonicMs
    const { target } = exchange.request
    if (this.#answers.find(target, request)?.answer.isCurrent()) return
    const text = answerText(answer.headers, this.#facts.connectionLines)
    if (text === null) return
    const prepared = new PreparedAnswer(text, repeatable, this.#facts.allocate)
    const { name: className } = exchange.routing.routeClass
    this.#answers.keep(target, { ...request, className, answer: repeatable, prepared, untilMs })
  }

  /** What was learnt under one policy says nothing about another. */
  #isInForce(policy: Policy): boolean {
    if (policy !== this.#facts.policy()) return false
    if (policy !== this.#policy) {
      this.#policy = policy
      this.#answers.clear()
      this.#askers.clear()
    }
    return true
  }

  #ageInTime(nowMs: MonotonicMs): void {
    if (nowMs - this.#askersAgedAtMs >= askersMs) {
      this.#askersAgedAtMs = nowMs
      this.#askers.age()
    }
    if (nowMs - this.#answersAgedAtMs >= answersMs) {
      this.#answersAgedAtMs = nowMs
      this.#answers.age()
    }
  }
}

/** A whole public answer to which nothing was added for the one who asked, at no door of ours. */
function isForTheLane(exchange: Exchange, { status, outcome, body }: Answer): boolean {
  const { request, routing, addedHeaders } = exchange
  const { isEntry, isInside } = routing.routeClass
  return (
    outcome.kind === 'served' &&
    outcome.from === 'fresh' &&
    status === 200 &&
    request.method === 'GET' &&
    !isEntry &&
    !isInside &&
    body instanceof Uint8Array &&
    body.byteLength <= bodyMaxBytes &&
    addedHeaders.length === 2 &&
    addedHeaders[0] === 'Cache-Status'
  )
}
