import { createHash } from 'node:crypto'
import { type QueuedWrite, writeId } from '../../queue-workers/write-job.ts'
import type { GatewayMeter } from '../metrics.ts'
import type { DurableQueue } from './durable-queue.ts'
import type { QueueProbe } from './queue-probe.ts'
import type { Spool } from './spool-client.ts'
import type { SpooledRow } from './spool-store.ts'
import type { SpooledForm } from './write-store.ts'

export interface SpoolDrain {
  /** Stops forwarding and resolves when nothing of it is under way. What is left stays on disk. */
  close(): Promise<void>
  /** Why the last round failed, or null. */
  trouble(): string | null
}

/**
 * Empties the spool into the queue for as long as the queue can be trusted, and takes over what
 * other processes left. A write is removed here only after the queue has it on disk: cut off in
 * between, it is forwarded again, and the queue knows its id.
 */
export function drainSpool(deps: {
  readonly spool: Spool
  readonly queue: DurableQueue
  readonly probe: QueueProbe
  readonly meter: GatewayMeter
  note(line: string): void
}): SpoolDrain {
  const { spool, queue, probe } = deps
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  let rounds = 0
  let trouble: string | null = null
  const round = async (): Promise<void> => {
    let forwarded = 0
    try {
      if (rounds % adoptEvery === 0) await spool.adopt()
      rounds += 1
      if (spool.totals().writes > 0 && probe.durability().kind === 'ok') {
        forwarded = await forwardSome(spool, queue)
      }
      trouble = null
    } catch (error) {
      const { message } = error as Error
      if (message !== trouble) deps.note(`the spool cannot be emptied: ${message}`)
      trouble = message
    }
    const { writes, bytes } = spool.totals()
    deps.meter.set('ecluse_spool_writes', {}, writes)
    deps.meter.set('ecluse_spool_bytes', {}, bytes)
    if (!isClosed) schedule(forwarded > 0 ? 0 : idleMs)
  }
  let running = Promise.resolve()
  const schedule = (afterMs: number): void => {
    timer = setTimeout(() => {
      running = round()
    }, afterMs).unref()
  }
  schedule(0)
  return {
    trouble: () => trouble,
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      await running
    },
  }
}

const idleMs = 100
/** Rounds between two looks for what ended processes left: one to some seconds. */
const adoptEvery = 20
const rowsAtOnce = 256

/** Forwards the oldest rows; returns how many the queue has confirmed. */
async function forwardSome(spool: Spool, queue: DurableQueue): Promise<number> {
  const rows = await spool.head(rowsAtOnce)
  const mailboxes = Map.groupBy(rows, ({ mailbox }) => mailbox)
  const confirmed = await Promise.all(
    [...mailboxes.values()].map((ofOne) => forwardInOrder(ofOne, queue)),
  )
  const done = confirmed.flat()
  if (done.length > 0) await spool.remove(done)
  return done.length
}

/** One after the other: the first that fails keeps those behind it here. */
async function forwardInOrder(
  rows: readonly SpooledRow[],
  queue: DurableQueue,
): Promise<SpooledRow[]> {
  const done: SpooledRow[] = []
  for (const row of rows) {
    try {
      await forward(row, queue)
    } catch {
      // The queue did not confirm in time; the probe says how it is, and the next round tries again.
      return done
    }
    done.push(row)
  }
  return done
}

async function forward(row: SpooledRow, queue: DurableQueue): Promise<void> {
  const { id, fingerprint, mailbox } = row
  const write = { id, fingerprint, mailbox, ...(JSON.parse(row.job) as SpooledForm) }
  const stored = await queue.append(write)
  if (stored.fingerprint !== fingerprint) await queue.append(conflicting(write))
}

/**
 * The key had been used for something else, and the queue could not be asked when this write was
 * promised. It is kept under a number of its own, in the dead letters: a person decides.
 */
function conflicting(write: QueuedWrite): QueuedWrite {
  const { id, fingerprint, job } = write
  const ownId = writeId(createHash('sha256').update(`${id} ${fingerprint}`).digest('hex'))
  return { ...write, id: ownId, job: { ...job, parkAs: 'key-reused', keyAtOrigin: ownId } }
}
