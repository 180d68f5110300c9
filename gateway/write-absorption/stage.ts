import { createHash } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import type { Backlog } from '../../queue-workers/mailbox-scripts.ts'
import type { Answer, Exchange, Next } from '../exchange.ts'
import type { GatewayMeter } from '../metrics.ts'
import type { Reason } from '../outcome.ts'
import type { Stages } from '../pipeline.ts'
import { turnAway, wantsPage } from '../turned-away.ts'
import { type ComposedWrite, composeWrite, idOf } from './compose-write.ts'
import type { DurableQueue } from './durable-queue.ts'
import {
  appendWithinMs,
  decideIntake,
  heldBytesMax,
  type Intake,
  isBacklogTooOld,
  isTooLateToCount,
  leaseMarginMs,
} from './intake.ts'
import { watchQueue } from './queue-probe.ts'
import { readBody } from './read-body.ts'
import type { Receipt } from './receipt.ts'
import { receiptAnswer, type ReceiptSigner } from './receipt-answer.ts'
import type { Spool } from './spool-client.ts'
import { drainSpool } from './spool-drain-process.ts'
import { keptAnswer } from './trial.ts'
import { openTrials, type Trials } from './trial-process.ts'
import { type Found, findStored, type StoreDependencies, storeWrite } from './write-store.ts'

/** The secrets of the edge, as far as writes need them. */
export interface KeyPort {
  readonly receipts: ReceiptSigner
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
  const trials = openTrials({ ...deps, seal: (plain) => deps.keys.seal(plain) })
  const stores: Stores = { ...deps, probe, trials }
  const held: HeldBytes = { bytes: 0 }
  return {
    stage: async (exchange, next) => {
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
          return (await mayBePromised(exchange, intake, stores))
            ? take(exchange, intake, next)
            : passOn(exchange, intake, stores)
      }
    },
    looked: probe.looked,
    find: (id) => findStored(id, stores),
    spoolTrouble: () => drain?.trouble() ?? null,
    backlog: () => probe.backlog(),
    close: async () => {
      await trials.close()
      probe.close()
      await drain?.close()
    },
  }

  async function take(exchange: Exchange, intake: Taken, next: Next): Promise<Answer> {
    if (held.bytes + intake.bodyBytesAtMost > heldBytesMax) {
      return later(exchange, 'queue-unavailable')
    }
    held.bytes += intake.bodyBytesAtMost
    try {
      return await absorb(exchange, { intake, next }, stores)
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
type Stores = WriteAbsorptionDependencies & StoreDependencies & { readonly trials: Trials }

/**
 * Can a promise be made here that would surely be kept, and in time? Where not, the operator has
 * been told why. What was promised before its time ran short stays promised.
 */
async function mayBePromised(exchange: Exchange, intake: Taken, stores: Stores): Promise<boolean> {
  const { probe, spoolIs, keys } = stores
  if (probe.durability().kind === 'weak' || spoolIs === 'undeclared') return false
  const drainSeconds = probe.drainSeconds()
  const { waitingSinceMs } = probe.backlog()
  const queue = { drainSeconds, waitingSinceMs }
  if (!isTooLateToCount(queue, exchange.wallAtMs, intake.rules)) return true
  const className = exchange.routing.routeClass.name
  const mailbox = keys.principalId(intake.principal.user)
  const id = idOf({ mailbox, className, key: intake.key }, sha256)
  return (await findStored(id, stores)) !== null
}

/** Straight to the origin, unless earlier writes of the same person would be overtaken by it. */
function passOn(exchange: Exchange, intake: Taken, { spool, keys }: Stores): Answer | undefined {
  const isFollowing = spool?.holds(keys.principalId(intake.principal.user)) ?? false
  return isFollowing ? later(exchange, 'queue-unavailable') : undefined
}

/** A write to be taken, and the way to the origin for one that the edge tries itself. */
interface Taking {
  readonly intake: Taken
  readonly next: Next
}

async function absorb(
  exchange: Exchange,
  { intake, next }: Taking,
  stores: Stores,
): Promise<Answer> {
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
    : acknowledge(exchange, { write, body: body.bytes, intake, next }, stores)
}

async function acknowledge(
  exchange: Exchange,
  taking: Taking & { readonly write: ComposedWrite; readonly body: Uint8Array },
  stores: Stores,
): Promise<Answer> {
  const { write, intake, body, next } = taking
  const storing = await store(exchange, taking, stores)
  if (storing.kind === 'unavailable') return later(exchange, 'queue-unavailable')
  const { acceptedAtMs, fingerprint, token, answer, isBeingTried } = storing.write
  if (fingerprint !== write.fingerprint) return turnAway(exchange, 'idempotency-key-reused')
  if (token) {
    const { answerWithinMs } = intake.rules
    const trial = { write, body, token, answerWithinMs, next }
    const answered = await stores.trials.run(exchange, trial)
    if (answered !== null) return answered
  }
  const repeated = answer ? stores.keys.open(answer) : null
  if (repeated !== null) return keptAnswer(repeated)
  if (isBeingTried) return turnAway(exchange, 'write-in-progress', { retryAfterSeconds: 1 })
  const { level } = storing
  if (acceptedAtMs === write.job.acceptedAtMs) {
    const { name } = exchange.routing.routeClass
    stores.meter.count('ecluse_writes_absorbed_total', { class: name, level })
  }
  const { id, key, bodyHash } = write
  const receipt = { id, key, bodyHash, acceptedAtMs, durability: level }
  return giveReceipt(exchange, receipt, stores)
}

/** Asks for the write's turn as well, where its class wants the edge to try it at once. */
function store(
  exchange: Exchange,
  { write, intake }: { readonly write: ComposedWrite; readonly intake: Taken },
  stores: Stores,
) {
  const { deadlineMs } = exchange.routing.routeClass
  const { durability: wanted, when } = intake.rules
  const untilMs = exchange.startedAtMs + Math.min(deadlineMs, appendWithinMs)
  const triesIt = when === 'surge' && !stores.trials.isFull()
  const leaseUntilMs = triesIt ? exchange.wallAtMs + deadlineMs + leaseMarginMs : undefined
  return storeWrite(write, { wanted, untilMs, leaseUntilMs }, stores)
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
  const receipt = { id, key, bodyHash, acceptedAtMs, durability }
  return giveReceipt(exchange, receipt, stores)
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}

function giveReceipt(exchange: Exchange, receipt: Receipt, { keys }: Stores): Answer {
  const form = wantsPage(exchange) ? 'page' : 'json'
  return receiptAnswer(receipt, { form, signer: keys.receipts })
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
