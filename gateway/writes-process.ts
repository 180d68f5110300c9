import type { Redis } from 'ioredis'
import type { Clock } from '../core/clock.ts'
import type { Answer, Exchange } from './exchange.ts'
import type { Keys } from './keys/key-store.ts'
import type { GatewayMeter } from './metrics.ts'
import type { Stages } from './pipeline.ts'
import type { GatewaySettings } from './settings.ts'
import { openDurableQueue } from './write-absorption/durable-queue.ts'
import {
  buildPendingRoute,
  buildReceiptKeysRoute,
  buildReceiptRoute,
} from './write-absorption/receipt-route.ts'
import { absorbing } from './write-absorption/queue-probe.ts'
import { openSpool, type Spool } from './write-absorption/spool-client.ts'
import { buildWriteAbsorptionStage } from './write-absorption/stage.ts'

export interface WritesOpened {
  readonly stage: Stages['writeAbsorption']
  /** Answers `/.ecluse/receipts/ID` to the owner of the receipt. */
  receipts(exchange: Exchange): Promise<Answer>
  /** Answers `/.ecluse/pending` to whoever has something there. */
  pending(exchange: Exchange): Promise<Answer>
  /** Answers `/.ecluse/receipt-keys` to anybody. */
  receiptKeys(exchange: Exchange): Promise<Answer>
  /** Why writes are not absorbed now, or null when they are. */
  refused(): string | null
  /** What this person lost the right to write is tried again: they have just logged in. */
  ownerIsBack(user: string): void
  /** Writes that wait in the spool, or null without one. */
  spooled(): number | null
  close(): Promise<void>
}

const undeclared =
  'not absorbed, spool.isPersistent must be true: only you know that spool.folder outlives a ' +
  'restart of this machine.'

/**
 * Opens the queue of absorbed writes and the spool, and looks at both once, before the first
 * request comes. Fails when the spool's folder cannot be written.
 */
export async function openWrites(
  facts: {
    readonly settings: GatewaySettings
    readonly keys: Keys
    readonly clock: Clock
    readonly meter: GatewayMeter
    log(line: string): void
  },
  durable: Redis,
): Promise<WritesOpened> {
  const { settings, keys, clock, meter, log } = facts
  const spool = await openSettledSpool(settings)
  const queue = openDurableQueue(durable, () => clock.wallMs())
  const isUndeclared = spool !== null && !settings['spool.isPersistent']
  let said: string | null = null
  if (isUndeclared) log(`writes: ${undeclared}`)
  const absorption = buildWriteAbsorptionStage({
    clock,
    meter,
    queue,
    spool,
    spoolIs: isUndeclared ? 'undeclared' : 'persistent',
    keys,
    requireDurable: settings['writes.requireDurable'] ? 'required' : 'declared',
    note: (line) => {
      said = line === absorbing ? null : line
      log(`writes: ${line}`)
    },
  })
  await absorption.looked
  const receipt = buildReceiptRoute({ find: absorption.find, keys })
  return {
    stage: absorption.stage,
    receipts: (exchange) => receipt(exchange, exchange.request.target.split(/[/?]/)[3] ?? ''),
    pending: buildPendingRoute({ queue, spool, keys }),
    receiptKeys: buildReceiptKeysRoute(keys.receipts.published),
    refused: () => (isUndeclared ? undeclared : (said ?? absorption.spoolTrouble())),
    // A queue that does not answer now has its next chance at the next login; operators have theirs.
    ownerIsBack: (user) =>
      void queue.ownerIsBack(keys.principalId(user)).then(
        (writes) => meter.count('ecluse_writes_driven_again_total', { end: 'done' }, writes),
        () => meter.count('ecluse_writes_driven_again_total', { end: 'queue-unavailable' }),
      ),
    spooled: () => spool?.totals().writes ?? null,
    close: async () => {
      await absorption.close()
      await spool?.close()
    },
  }
}

async function openSettledSpool(settings: GatewaySettings): Promise<Spool | null> {
  const folder = settings['spool.folder']
  if (folder === undefined) return null
  return openSpool({ folder, maxBytes: settings['spool.maxBytes'] })
}
