import type { Clock } from '../core/clock.ts'
import type { RandomStream } from '../core/random.ts'
import type { Answer, Exchange } from './exchange.ts'
import { buildAdmissionStage } from './admission/stage.ts'
import { MemoryStore } from './cache/memory-store.ts'
import { buildCacheStage } from './cache/stage.ts'
import { bindingStore } from './identity/binding-store.ts'
import { withoutOurCookies } from './identity/cookies.ts'
import { buildIdentityStage } from './identity/stage.ts'
import type { Keys } from './keys/key-store.ts'
import type { GatewayMeter } from './metrics.ts'
import type { Surroundings } from './operations/health.ts'
import type { Stages } from './pipeline.ts'
import type { Policy } from './policy/policy.ts'
import { buildRoutingStage } from './routing/stage.ts'
import type { GatewaySettings } from './settings.ts'
import { originClient } from './upstream/origin-client.ts'
import { buildUpstreamStage } from './upstream/stage.ts'

export interface StagesOpened {
  readonly stages: Stages
  /** Addresses of our own that need to know who asks, by path pattern. */
  readonly ownRoutes: Readonly<Record<string, (exchange: Exchange) => Promise<Answer>>>
  surroundings(): Omit<Surroundings, 'isDraining'>
  close(): Promise<void>
}

/** Builds every stage with what it needs: the one place where they are put together. */
export async function openStages(facts: {
  readonly settings: GatewaySettings
  readonly keys: Keys
  readonly clock: Clock
  readonly random: RandomStream
  readonly meter: GatewayMeter
  policy(): Policy
  log(line: string): void
}): Promise<StagesOpened> {
  const { settings, keys, clock, meter } = facts
  const origin = originClient(settings['origin.url'], settings['origin.maxConnections'])
  const admission = buildAdmissionStage({ clock, meter, rules: facts.policy().gate })
  const stages: Stages = {
    routing: buildRoutingStage(),
    identity: buildIdentityStage({
      keys,
      sessionHashKey: keys.sessionHashKey,
      store: bindingStore(),
      hasAdmission: () => false,
    }),
    cache: buildCacheStage({
      clock,
      store: new MemoryStore(settings['cache.maxBytes']),
      meter,
      random: facts.random,
      entryMaxBytes: settings['cache.entryMaxBytes'],
    }),
    waitingRoom: () => undefined,
    rateLimit: async () => undefined,
    writeAbsorption: async () => undefined,
    admission: admission.stage,
    upstream: buildUpstreamStage({
      clock,
      meter,
      origin,
      originHost: new URL(settings['origin.url']).host,
      assertionMac: keys.assertionMac,
      withoutOurCookies,
    }),
  }
  return {
    stages,
    ownRoutes: {},
    surroundings: () => ({
      volatileRedis: 'not configured',
      durableRedis: 'not configured',
      refusedAbsorption: null,
    }),
    close: async () => {
      admission.close()
      await origin.close()
    },
  }
}
