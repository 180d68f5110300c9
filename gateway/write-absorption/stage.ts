import { createHash } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import type { Backlog } from '../../queue-workers/mailbox-scripts.ts'
import type { Answer, Exchange } from '../exchange.ts'
import type { GatewayMeter } from '../metrics.ts'
import type { Reason } from '../outcome.ts'
import type { Stages } from '../pipeline.ts'
import { turnAway, wantsPage } from '../turned-away.ts'
import { type ComposedWrite, composeWrite } from './compose-write.ts'
import type { DurableQueue } from './durable-queue.ts'
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
import type { Spool } from './spool-client.ts'
import { drainSpool } from './spool-drain-process.ts'
import { type Found, findStored, type StoreDependencies, storeWrite } from './write-store.ts'

/** The secrets of the edge, as far as writes need them. */
export interface KeyPort {
  readonly receipts: {
    sign(text: string): { readonly kid: string; readonly signature: string }
  }
  seal(plain: Uint8Array): string
  open(sealed: string): Uint8Array | null
  principalId(user: string): string
}

export interface WriteAbsorptionDependencies {
  readonly clock: Clock
  readonly meter: GatewayMeter
  readonly queue: DurableQueue
  /** Null without one: writes are turned away while the queue cannot take them. */
  readonly spool: Spool | null
  /** An undeclared folder may be gone after a restart: nothing is promised, what is in it is kept. */
  readonly spoolIs: 'persistent' | 'undeclared'
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
  /** A write that was promised, or null; undefined when neither queue nor spool can say now. */
  find(id: string): Promise<Found | null | undefined>
  /** What keeps the spool from being emptied, or null. */
  spoolTrouble(): string | null
  /** What the queue owed at the last look, at most about a second ago. */
  backlog(): Backlog
  /** Stops watching and forwarding. Queue and spool belong to whoever opened them. */
  close(): Promise<void>
}

/** Acknowledges writes of declared classes once they are stored durably; workers apply them. */
export function buildWriteAbsorptionStage(deps: WriteAbsorptionDependencies): WriteAbsorption {
  const probe = watchQueue({ ...deps, wallMs: () => deps.clock.wallMs() })
  const { spool } = deps
  const drain = spool === null ? null : drainSpool({ ...deps, spool, probe })
  const stores: Stores = { ...deps, probe }
  const held: HeldBytes = { bytes: 0 }
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
          return isRefused(stores) ? passOn(exchange, intake, stores) : take(exchange, intake)
      }
    },
    looked: probe.looked,
    find: (id) => findStored(id, stores),
    spoolTrouble: () => drain?.trouble() ?? null,
    backlog: () => probe.backlog(),
    close: async () => {
      probe.close()
      await drain?.close()
    },
  }

  async function take(exchange: Exchange, intake: Taken): Promise<Answer> {
    if (held.bytes + intake.bodyBytesAtMost > heldBytesMax) {
      return later(exchange, 'queue-unavailable')
    }
    held.bytes += intake.bodyBytesAtMost
    try {
      return await absorb(exchange, intake, stores)
    } finally {
      held.bytes -= intake.bodyBytesAtMost
    }
  }
}

/** Bodies in memory now, over all requests. */
interface HeldBytes {
  bytes: number
}

type Taken = Extract<Intake, { kind: 'take' }>
type Stores = WriteAbsorptionDependencies & StoreDependencies

/** No promise can be made here that would surely be kept; the operator has been told why. */
function isRefused({ probe, spoolIs }: Stores): boolean {
  return probe.durability().kind === 'weak' || spoolIs === 'undeclared'
}

/** Straight to the origin, unless earlier writes of the same person would be overtaken by it. */
function passOn(exchange: Exchange, intake: Taken, { spool, keys }: Stores): Answer | undefined {
  const isFollowing = spool?.holds(keys.principalId(intake.principal.user)) ?? false
  return isFollowing ? later(exchange, 'queue-unavailable') : undefined
}

async function absorb(exchange: Exchange, intake: Taken, stores: Stores): Promise<Answer> {
  const body = await readBody(exchange.request.body, intake.rules.maxBodyBytes)
  if (body.kind === 'too-large') return turnAway(exchange, 'body-too-large')
  if (body.kind === 'broken') return abandoned
  const write = composeWrite(exchange, {
    intake,
    body: body.bytes,
    seal: (plain) => stores.keys.seal(plain),
    principalId: (user) => stores.keys.principalId(user),
    digest: sha256,
  })
  const waitingSinceMs = earliest(
    stores.probe.backlog().waitingSinceMs,
    stores.spool?.totals().oldestAtMs ?? null,
  )
  return isBacklogTooOld(waitingSinceMs, exchange.wallAtMs, intake.rules)
    ? answerRepeated(exchange, write, stores)
    : acknowledge(exchange, { write, intake }, stores)
}

async function acknowledge(
  exchange: Exchange,
  { write, intake }: { readonly write: ComposedWrite; readonly intake: Taken },
  stores: Stores,
): Promise<Answer> {
  const { routeClass } = exchange.routing
  const untilMs = exchange.startedAtMs + Math.min(routeClass.deadlineMs, appendWithinMs)
  const terms = { wanted: intake.rules.durability, untilMs }
  const storing = await storeWrite(write, terms, stores)
  if (storing.kind === 'unavailable') return later(exchange, 'queue-unavailable')
  const { acceptedAtMs, fingerprint } = storing.write
  if (fingerprint !== write.fingerprint) return turnAway(exchange, 'idempotency-key-reused')
  const { level } = storing
  if (acceptedAtMs === write.job.acceptedAtMs) {
    stores.meter.count('ecluse_writes_absorbed_total', { class: routeClass.name, level })
  }
  const { id, key, bodyHash } = write
  return receiptAnswer(exchange, { id, key, bodyHash, acceptedAtMs, durability: level }, stores)
}

/** A write that was promised before is still promised, however long the queue has become. */
async function answerRepeated(
  exchange: Exchange,
  write: ComposedWrite,
  stores: Stores,
): Promise<Answer> {
  const stored = await findStored(write.id, stores)
  if (stored === undefined) return later(exchange, 'queue-unavailable')
  if (stored === null) return later(exchange, 'backlog-too-old')
  if (stored.fingerprint !== write.fingerprint) return turnAway(exchange, 'idempotency-key-reused')
  const { id, key, bodyHash } = write
  const { acceptedAtMs, level: durability } = stored
  return receiptAnswer(exchange, { id, key, bodyHash, acceptedAtMs, durability }, stores)
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}

function receiptAnswer(exchange: Exchange, receipt: Receipt, { keys }: { keys: KeyPort }): Answer {
  const { kid, signature } = keys.receipts.sign(signedText(receipt))
  const signed = { ...receipt, signature: `v2.${kid}.${signature}` }
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
