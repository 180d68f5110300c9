import type { Redis } from 'ioredis'
import type { Clock } from '../core/clock.ts'
import type { Answer, Exchange } from './exchange.ts'
import type { Keys } from './keys/key-store.ts'
import type { GatewayMeter } from './metrics.ts'
import type { Stages } from './pipeline.ts'
import type { GatewaySettings } from './settings.ts'
import { openDurableQueue } from './write-absorption/durable-queue.ts'
import { buildReceiptRoute } from './write-absorption/receipt-route.ts'
import { buildWriteAbsorptionStage } from './write-absorption/stage.ts'

export interface WritesOpened {
  readonly stage: Stages['writeAbsorption']
  /** Answers `/.ecluse/receipts/ID` to the owner of the receipt. */
  receipts(exchange: Exchange): Promise<Answer>
  /** Why writes are not absorbed now, or null when they are. */
  refused(): string | null
  close(): Promise<void>
}

// What the stage says when there is nothing to worry about.
const absorbing = 'writes are absorbed'

/** Opens the queue of absorbed writes and looks at it once, before the first request comes. */
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
  const queue = openDurableQueue(durable)
  let said: string | null = null
  const absorption = buildWriteAbsorptionStage({
    clock,
    meter,
    queue,
    keys,
    requireDurable: settings['writes.requireDurable'] ? 'required' : 'declared',
    note: (line) => {
      said = line === absorbing ? null : line
      log(`writes: ${line}`)
    },
  })
  await absorption.looked
  const receipt = buildReceiptRoute({ queue, keys })
  return {
    stage: absorption.stage,
    receipts: (exchange) => receipt(exchange, exchange.request.target.split(/[/?]/)[3] ?? ''),
    refused: () => said,
    close: async () => {
      absorption.close()
      await queue.close()
    },
  }
}
