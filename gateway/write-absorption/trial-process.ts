import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { HeldWrite } from '../../queue-workers/settlement.ts'
import type { Answer, BodySource, ClientPresence, Exchange, Next } from '../exchange.ts'
import type { GatewayMeter } from '../metrics.ts'
import { turnAway } from '../turned-away.ts'
import type { ComposedWrite } from './compose-write.ts'
import type { DurableQueue } from './durable-queue.ts'
import { endOfTrial, keepAnswer, keptBodyMax, lineOf } from './trial.ts'

/** Writes that are stored, and that the edge tries itself while their senders wait. */
export interface Trials {
  /** No more may begin: too many go on whose senders have their receipt. */
  isFull(): boolean
  /** The origin's answer, or null when the sender gets the receipt. */
  run(exchange: Exchange, trial: Trial): Promise<Answer | null>
  /** Resolves when none is under way. */
  close(): Promise<void>
}

export interface Trial {
  readonly write: ComposedWrite
  readonly body: Uint8Array
  /** Of the turn that the queue gave to this edge; nobody else tries it while that lasts. */
  readonly token: string
  /** The sender waits for the origin no longer than this. */
  readonly answerWithinMs: number
  readonly next: Next
}

export function openTrials(deps: {
  readonly queue: DurableQueue
  readonly meter: GatewayMeter
  seal(plain: Uint8Array): string
}): Trials {
  const late = new Set<Promise<void>>()
  return {
    isFull: () => late.size >= lateMax,
    run: async (exchange, trial) => {
      const trying = attempt(exchange, trial)
      const isOver = await isOverWithin(trying, trial.answerWithinMs)
      if (isOver) return conclude(exchange, { trial, answer: await trying }, deps)
      deps.meter.count('ecluse_write_trials_total', { end: 'receipt' })
      const ending = trying.then((answer) => concludeLate(exchange, { trial, answer }, deps))
      late.add(ending)
      void ending.finally(() => late.delete(ending))
      return null
    },
    close: async () => void (await Promise.all(late)),
  }
}

/** Each holds a body of at most 64 KiB. */
const lateMax = 256

interface Concluding {
  readonly trial: Trial
  readonly answer: Answer
}
type Means = Parameters<typeof openTrials>[0]

/** Never rejects: a fault of ours says nothing about the write. */
async function attempt(exchange: Exchange, { body, write, next }: Trial): Promise<Answer> {
  const sent = withoutSender(exchange, body, write.key)
  try {
    const answer = await next(sent)
    exchange.admission = sent.admission
    exchange.upstream = sent.upstream
    return answer
  } catch {
    // The outcome counts as unknown, which `edge-failure` says to metrics and to the decision.
    return turnAway(exchange, 'edge-failure')
  }
}

/** The same request as one that goes on whoever leaves, its body read and its key as workers send it. */
function withoutSender(exchange: Exchange, body: Uint8Array, key: string): Exchange {
  const { request } = exchange
  const headerLines = request.headerLines.map((line, at) =>
    at % 2 === 1 && request.headerLines[at - 1]?.toLowerCase() === 'idempotency-key' ? key : line,
  )
  const headers = { ...request.headers, 'idempotency-key': key }
  const bytes = body.length > 0 ? Readable.from([body], { objectMode: false }) : null
  return {
    ...exchange,
    request: { ...request, headers, headerLines, body: bytes, presence: stays },
  }
}

const stays: ClientPresence = { isGone: false, onGone: () => undefined }

async function isOverWithin(trying: Promise<Answer>, withinMs: number): Promise<boolean> {
  const over = new AbortController()
  const limit = delay(withinMs, false, { signal: over.signal }).catch(() => false)
  try {
    return await Promise.race([trying.then(() => true), limit])
  } finally {
    over.abort()
  }
}

/** The sender waits. Settled before it is told, so that coming back finds what it was told. */
async function conclude(
  exchange: Exchange,
  { trial, answer }: Concluding,
  deps: Means,
): Promise<Answer | null> {
  const facts = { job: trial.write.job, sender: 'waits', draw: exchange.jitter } as const
  const { settlement, gives } = endOfTrial(answer, facts)
  deps.meter.count('ecluse_write_trials_total', { end: gives })
  if (gives === 'receipt') {
    drop(answer.body)
    await settle(trial, settlement, deps)
    return null
  }
  const whole = await readShort(answer)
  if (whole === 'broken') {
    await settle(trial, settlement, deps)
    return null
  }
  const isKept = settlement.kind === 'applied' && whole !== null
  const kept = isKept && keepAnswer(answer.status, answer.headers, whole)
  await settle(trial, kept ? { ...settlement, answer: deps.seal(kept) } : settlement, deps)
  return whole === null ? answer : { ...answer, body: whole }
}

/** The sender has the receipt. */
async function concludeLate(
  exchange: Exchange,
  { trial, answer }: Concluding,
  deps: Means,
): Promise<void> {
  drop(answer.body)
  const facts = { job: trial.write.job, sender: 'has-receipt', draw: exchange.jitter } as const
  await settle(trial, endOfTrial(answer, facts).settlement, deps)
}

async function settle(
  { write, token }: Trial,
  settlement: Parameters<DurableQueue['settle']>[1],
  { queue, meter }: Means,
): Promise<void> {
  const held: HeldWrite = { mailbox: write.mailbox, token, id: write.id }
  // The lease then runs out, and workers do what is right for a write that may have been applied.
  const isSettled = await queue.settle(held, settlement).catch(() => false)
  if (!isSettled) meter.count('ecluse_write_trials_total', { end: 'lost' })
}

function drop(body: Answer['body']): void {
  if (body !== null && 'cancel' in body) body.cancel()
}

/** A short body, whole; null for one that is long or does not say how long it is. */
async function readShort({ headers, body }: Answer): Promise<Uint8Array | null | 'broken'> {
  if (body === null) return new Uint8Array()
  if (!('start' in body)) return body
  const length = Number(lineOf(headers, 'content-length') ?? Number.NaN)
  return length <= keptBodyMax ? collect(body) : null
}

function collect(body: BodySource): Promise<Uint8Array | 'broken'> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    body.start({
      flow: () => undefined,
      write: (chunk) => chunks.push(Uint8Array.from(chunk)) > 0,
      end: () => resolve(Buffer.concat(chunks)),
      // What was said is lost; the status was heard, and the receipt's page tells it.
      fail: () => resolve('broken'),
    })
  })
}
