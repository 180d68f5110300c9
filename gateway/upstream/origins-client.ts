import type { Clock } from '../../core/clock.ts'
import { Failure, failureCode } from '../../core/failure.ts'
import type { GatewayMeter } from '../metrics.ts'
import { type OriginAnswer, type OriginRequest, originClient } from './origin-client.ts'
import { OriginHealth } from './origin-health.ts'

/** A request, and what decides where it goes. */
export interface PoolRequest extends OriginRequest {
  readonly key: string
  readonly isSafe: boolean
  /** Send it wherever, also to an origin that does not answer. */
  readonly isBypassed: boolean
}

export interface OriginsClient {
  /** As `OriginClient.fetch`; also fails with `origin-down`, and then nothing was sent. */
  fetch(request: PoolRequest): Promise<OriginAnswer>
  close(): Promise<void>
}

/** The origins of one portal, each behind a pool of connections and a breaker of its own. */
export function originsClient(
  urls: readonly string[],
  facts: { readonly maxConnections: number; readonly clock: Clock; readonly meter: GatewayMeter },
): OriginsClient {
  const { clock, meter } = facts
  const each = Math.ceil(facts.maxConnections / urls.length)
  const clients = urls.map((url) => originClient(url, each))
  const health = new OriginHealth(urls.length)
  const note = (member: number, how: 'answered' | 'failed' | 'unknown'): void => {
    health.ended(member, how, clock.monotonicMs())
    meter.set('ecluse_origins_resting', {}, health.resting)
  }
  return {
    async fetch(request) {
      const choice = request.isBypassed
        ? health.chooseAny(request.key)
        : health.choose(request, clock.monotonicMs())
      if (choice.kind === 'down') {
        const message = 'no origin answers; one request at a time finds out whether one is back'
        throw new Failure({ code: 'origin-down', message, source: 'origin' })
      }
      const { member } = choice
      try {
        const answer = await (clients[member] as (typeof clients)[0]).fetch(request)
        note(member, 'answered')
        return answer
      } catch (error) {
        // Nonsense is an answer: the origin is there, and wrong.
        const code = failureCode(error)
        const isSilent = code === 'origin-unreachable' || code === 'origin-timeout'
        note(member, isSilent ? 'failed' : code === 'origin-invalid' ? 'answered' : 'unknown')
        throw error
      }
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.close()))
    },
  }
}
