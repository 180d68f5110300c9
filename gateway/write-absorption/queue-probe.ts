import type { GatewayMeter } from '../metrics.ts'
import { type Backlog, emptyBacklog } from '../../queue-workers/mailbox-scripts.ts'
import { DrainPace } from './drain-pace.ts'
import { type Durability, judgeDurability } from './durability.ts'
import type { DurableQueue } from './durable-queue.ts'

export interface QueueProbe {
  /** The first look is over, whatever it found. */
  readonly looked: Promise<void>
  durability(): Durability
  /** It did not confirm in time: unknown until it has answered a look again. */
  suspect(): void
  /** At the last look; empty before the first. */
  backlog(): Backlog
  /** How long the workers would need for what they owe, in seconds; null when nobody can say. */
  drainSeconds(): number | null
  close(): void
}

/** Looks at the queue every second: how it keeps what it confirms, and what it still owes. */
export function watchQueue(deps: {
  readonly queue: DurableQueue
  readonly meter: GatewayMeter
  readonly wallMs: () => number
  readonly requireDurable: 'required' | 'declared'
  readonly note: (line: string) => void
}): QueueProbe {
  let durability: Durability = { kind: 'unknown' }
  let backlog: Backlog = emptyBacklog
  const pace = new DrainPace()
  let said = ''
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  const say = (line: string): void => {
    if (line !== said) deps.note(line)
    said = line
  }
  const look = async (): Promise<void> => {
    try {
      const [facts, owed] = await Promise.all([deps.queue.persistence(), deps.queue.backlog()])
      durability = judgeDurability(facts, deps.requireDurable)
      backlog = owed
      pace.look(owed, deps.wallMs())
      record(owed, pace, deps)
      say(sentence(durability))
    } catch (error) {
      // Who comes back may be another Redis with other settings: ask before promising again.
      durability = { kind: 'unknown' }
      say(`redis.durable does not answer: ${(error as Error).message}`)
    }
    if (!isClosed) timer = setTimeout(() => void look(), lookEveryMs).unref()
  }
  return {
    looked: look(),
    durability: () => durability,
    suspect: () => {
      if (durability.kind === 'ok') durability = { kind: 'unknown' }
    },
    backlog: () => backlog,
    drainSeconds: () => pace.drainSeconds(backlog),
    close: () => {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

const lookEveryMs = 1_000

function record(
  backlog: Backlog,
  pace: DrainPace,
  { meter, wallMs }: { readonly meter: GatewayMeter; readonly wallMs: () => number },
): void {
  const { writes, oldestAtMs } = backlog
  const ageMs = oldestAtMs === null ? 0 : Math.max(0, wallMs() - oldestAtMs)
  meter.set('ecluse_backlog_writes', {}, writes)
  meter.set('ecluse_backlog_age_seconds', {}, ageMs / 1_000)
  meter.set('ecluse_drain_writes_per_second', {}, pace.perSecond() ?? 0)
  meter.set('ecluse_drain_seconds', {}, pace.drainSeconds(backlog) ?? -1)
}

/** What the stage says when there is nothing to worry about. */
export const absorbing = 'writes are absorbed'

function sentence(durability: Durability): string {
  switch (durability.kind) {
    case 'ok':
      return absorbing
    case 'unknown':
      return 'redis.durable is nearly full, or cannot write its log'
    case 'weak':
      return refusal(durability.found)
  }
}

function refusal(found: readonly string[]): string {
  return (
    `not absorbed, redis.durable could lose them: ${found.join('; ')}. ` +
    'Change it there, or answer for it yourself with writes.requireDurable: false.'
  )
}
