import type { Redis } from 'ioredis'
import type { Clock } from '../core/clock.ts'
import { keyPrefix } from './mailbox-scripts.ts'

/** One thing that an operator did to the queue. */
export interface QueueAuditLine {
  /** ISO 8601, UTC. */
  readonly at: string
  /** As they called themselves: whoever holds the token may. */
  readonly who: string
  readonly did: string
}

/** What operators do to the whole queue, each written down with what it did. */
export interface QueueControl {
  /** Nothing more is taken up, by any worker or edge; what is under way ends. */
  pause(who: string): Promise<void>
  resume(who: string): Promise<void>
  note(did: string, who: string): Promise<void>
  /** The newest first, at most `limit`. */
  audit(limit: number): Promise<readonly QueueAuditLine[]>
}

/** The switch and the audit lie in the durable Redis: they hold for all, and outlive every process. */
export function openQueueControl(
  redis: Redis,
  { clock, log }: { readonly clock: Clock; log(line: string): void },
): QueueControl {
  const act = async (
    did: string,
    who: string,
    change: (steps: ReturnType<Redis['multi']>) => void,
  ): Promise<void> => {
    const line: QueueAuditLine = { at: new Date(clock.wallMs()).toISOString(), who, did }
    const steps = redis.multi()
    change(steps)
    steps.lpush(auditKey, JSON.stringify(line)).ltrim(auditKey, 0, auditLines - 1)
    await steps.exec()
    log(`audit: ${did}, by ${who}`)
  }
  return {
    pause: (who) => act('queue paused', who, (steps) => void steps.set(pausedKey, '1')),
    resume: (who) => act('queue resumed', who, (steps) => void steps.del(pausedKey)),
    note: (did, who) => act(did, who, () => undefined),
    audit: async (limit) => {
      const lines = await redis.lrange(auditKey, 0, limit - 1)
      return lines.map((line) => JSON.parse(line) as QueueAuditLine)
    },
  }
}

const pausedKey = `${keyPrefix}paused`
const auditKey = `${keyPrefix}audit`
/** Older ones are forgotten. */
export const auditLines = 1_000
