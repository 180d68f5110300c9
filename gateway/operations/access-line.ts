import type { Exchange } from '../exchange.ts'
import { type Outcome, outcomeLabel } from '../outcome.ts'

/** A request that is over, as the log sees it. */
export interface Finished {
  readonly exchange: Exchange
  readonly outcome: Outcome
  readonly status: number
  readonly totalMs: number
}

/**
 * One line of the access log. Every text is from a closed set and every other value a number or a
 * truth: no path, no address, no name, nothing that a person or a portal wrote.
 */
export interface AccessLine {
  readonly class: string
  readonly outcome: string
  readonly status: number
  readonly method: string
  readonly isInside: boolean
  readonly isApply: boolean
  readonly totalMs: number
  readonly queuedMs: number | null
  readonly redisMs: number | null
  readonly originMs: number | null
  /** Requests that this line stands for: itself, and those left out before it. */
  readonly weight: number
}

const methods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
])

/** The line of a request; methods that are not HTTP's own are `OTHER`. */
export function accessLine(finished: Finished, weight: number): AccessLine {
  const { exchange, outcome, status, totalMs } = finished
  const { request, routing, identity, admission, rateLimit, upstream } = exchange
  return {
    class: routing.routeClass.name,
    outcome: outcomeLabel(outcome),
    status,
    method: methods.has(request.method) ? request.method : 'OTHER',
    isInside: identity.isInside,
    isApply: exchange.origin === 'apply',
    totalMs: tenths(totalMs),
    queuedMs: admission === undefined ? null : tenths(admission.queuedMs),
    redisMs: rateLimit === undefined ? null : tenths(rateLimit.redisMs),
    originMs: upstream === undefined ? null : tenths(upstream.originMs),
    weight,
  }
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10
}

/** Lines of one ending that are written whole each second, however many there are. */
const wholePerSecond = 20

/**
 * Which requests get a line: every `oneIn`th of each ending, and of everything but plain service
 * also the first of each second. So no kind of refusal is ever missing, and a storm of them does
 * not fill a disk.
 */
export class LineSampling {
  private readonly oneIn: number
  private readonly endings = new Map<string, { skipped: number; second: number; whole: number }>()

  constructor(oneIn: number) {
    this.oneIn = Math.max(1, Math.round(oneIn))
  }

  /** The weight of this request's line, or 0 for none. O(1). */
  weigh(outcome: Outcome, nowMs: number): number {
    const name = outcomeLabel(outcome)
    const second = Math.floor(nowMs / 1_000)
    let ending = this.endings.get(name)
    if (ending === undefined) this.endings.set(name, (ending = { skipped: 0, second, whole: 0 }))
    if (ending.second !== second) Object.assign(ending, { second, whole: 0 })
    ending.skipped += 1
    const isRare = outcome.kind !== 'served' && ending.whole < wholePerSecond
    if (!isRare && ending.skipped < this.oneIn) return 0
    ending.whole += 1
    const weight = ending.skipped
    ending.skipped = 0
    return weight
  }
}
