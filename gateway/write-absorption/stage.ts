import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../core/clock.ts'
import { type LaneBacklog, laneOf } from '../../queue-workers/write-job.ts'
import type { Answer, Exchange } from '../exchange.ts'
import type { GatewayMeter } from '../metrics.ts'
import type { Reason } from '../outcome.ts'
import type { Stages } from '../pipeline.ts'
import { turnAway, wantsPage } from '../turned-away.ts'
import { type ComposedWrite, composeWrite } from './compose-write.ts'
import type { DurabilityLevel } from './durability.ts'
import type { DurableQueue, StoredWrite } from './durable-queue.ts'
import {
  appendWithinMs,
  decideIntake,
  heldBytesMax,
  type Intake,
  isBacklogTooOld,
} from './intake.ts'
import { watchQueue } from './queue-probe.ts'
import { readBody } from './read-body.ts'
import { type Receipt, receiptPage, receiptPath, signedText } from './receipt.ts'

/** The secrets of the edge, as far as writes need them. */
export interface KeyPort {
  sign(text: string): { readonly kid: string; readonly mac: string }
  seal(plain: Uint8Array): string
  open(sealed: string): Uint8Array | null
}

export interface WriteAbsorptionDependencies {
  readonly clock: Clock
  readonly meter: GatewayMeter
  readonly queue: DurableQueue
  readonly keys: KeyPort
  /** `declared` when the operator answers for a Redis that cannot show how it keeps things. */
  readonly requireDurable: 'required' | 'declared'
  /** A line for the operator; the same one is not said twice in a row. */
  note(line: string): void
}

export interface WriteAbsorption {
  readonly stage: Stages['writeAbsorption']
  /** Resolves when the queue has been looked at once; until then writes are turned away. */
  readonly looked: Promise<void>
  /** What each lane owed at the last look, at most about a second ago. */
  backlog(): readonly LaneBacklog[]
  /** Stops watching. The queue belongs to whoever opened it. */
  close(): void
}

/** Acknowledges writes of declared classes once they are stored durably; workers apply them. */
export function buildWriteAbsorptionStage(deps: WriteAbsorptionDependencies): WriteAbsorption {
  const probe = watchQueue({ ...deps, wallMs: () => deps.clock.wallMs() })
  let heldBytes = 0

  const absorb = async (exchange: Exchange, intake: Taken): Promise<Answer | undefined> => {
    const durability = probe.durability()
    if (durability.kind === 'weak') return undefined
    const hasRoom = heldBytes + intake.bodyBytesAtMost <= heldBytesMax
    if (durability.kind === 'unknown' || !hasRoom) return later(exchange, 'queue-unavailable')
    heldBytes += intake.bodyBytesAtMost
    try {
      const body = await readBody(exchange.request.body, intake.rules.maxBodyBytes)
      if (body.kind === 'too-large') return turnAway(exchange, 'body-too-large')
      if (body.kind === 'broken') return abandoned
      const write = composeWrite(exchange, {
        intake,
        body: body.bytes,
        seal: (plain) => deps.keys.seal(plain),
        digest: sha256,
      })
      const oldestAtMs = probe.backlog()[laneOf(write.id) ?? -1]?.oldestAtMs ?? null
      const isTooLong = isBacklogTooOld(oldestAtMs, exchange.wallAtMs, intake.rules)
      return await store(exchange, { write, isTooLong, durability: durability.level, deps })
    } finally {
      heldBytes -= intake.bodyBytesAtMost
    }
  }

  return {
    stage: async (exchange) => {
      const intake = decideIntake({
        isOn: exchange.policy.stages['write-absorption'] !== 'off',
        rules: exchange.routing.routeClass.write,
        principal: exchange.identity.principal,
        headers: exchange.request.headers,
      })
      switch (intake.kind) {
        case 'pass-on':
          return undefined
        case 'reject':
          return turnAway(exchange, intake.reason)
        case 'take':
          return absorb(exchange, intake)
      }
    },
    looked: probe.looked,
    backlog: () => probe.backlog(),
    close: () => probe.close(),
  }
}

type Taken = Extract<Intake, { kind: 'take' }>

async function store(
  exchange: Exchange,
  facts: {
    readonly write: ComposedWrite
    readonly isTooLong: boolean
    readonly durability: DurabilityLevel
    readonly deps: WriteAbsorptionDependencies
  },
): Promise<Answer> {
  const { write, isTooLong, durability, deps } = facts
  const { routeClass } = exchange.routing
  const untilMs = exchange.startedAtMs + Math.min(routeClass.deadlineMs, appendWithinMs)
  // A write that was promised before is still promised, however long the queue has become.
  const attempt = () => (isTooLong ? deps.queue.find(write.id) : deps.queue.append(write))
  const stored = await inTime(attempt, { clock: deps.clock, untilMs })
  if (stored === undefined) return later(exchange, 'queue-unavailable')
  if (stored === null) return later(exchange, 'backlog-too-old')
  if (stored.fingerprint !== write.fingerprint) return turnAway(exchange, 'idempotency-key-reused')
  const { acceptedAtMs } = stored
  if (acceptedAtMs === write.job.acceptedAtMs) {
    deps.meter.count('ecluse_writes_absorbed_total', { class: routeClass.name })
  }
  const { id, key, bodyHash } = write
  return receiptAnswer(exchange, { id, key, bodyHash, acceptedAtMs, durability }, deps)
}

/** Asks again until it is answered or too late; undefined then, and it may have happened. */
async function inTime(
  attempt: () => Promise<StoredWrite | null>,
  { clock, untilMs }: { readonly clock: Clock; readonly untilMs: number },
): Promise<StoredWrite | null | undefined> {
  for (;;) {
    try {
      return await attempt()
    } catch {
      // Never a 202: the client is told to come back with the same key, which cannot double.
      if (clock.monotonicMs() + askAgainMs >= untilMs) return undefined
      await delay(askAgainMs)
    }
  }
}

const askAgainMs = 100

function receiptAnswer(exchange: Exchange, receipt: Receipt, { keys }: { keys: KeyPort }): Answer {
  const { kid, mac } = keys.sign(signedText(receipt))
  const signed = { ...receipt, signature: `v1.${kid}.${mac}` }
  const isPage = wantsPage(exchange)
  const text = isPage ? receiptPage(signed) : JSON.stringify({ receipt: signed })
  const body = new TextEncoder().encode(text)
  const headers = [
    'content-type',
    isPage ? 'text/html; charset=utf-8' : 'application/json',
    'content-length',
    String(body.length),
    'location',
    receiptPath(receipt.id),
    'cache-control',
    'no-store',
  ]
  return { status: 202, headers, body, outcome: { kind: 'absorbed' } }
}

function later(exchange: Exchange, reason: Reason): Answer {
  return turnAway(exchange, reason, { retryAfterSeconds: comeBackSeconds })
}

const comeBackSeconds = 3

/** Nobody reads it: the client left while it was sending. */
const abandoned: Answer = {
  status: 400,
  headers: ['content-length', '0'],
  body: null,
  outcome: { kind: 'abandoned' },
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
