import type { Redis } from 'ioredis'
import type { CacheStore } from './cache/cache-store.ts'
import { MemoryStore } from './cache/memory-store.ts'
import { OwnPages } from './cache/own-pages-store.ts'
import { PurgeExchange, type PurgeReach } from './cache/purge-reader-process.ts'
import { purgeStream } from './cache/purge-stream-store.ts'
import { tagsOfOrder } from './cache/purge-tags.ts'
import { PurgeView } from './cache/purge-view.ts'
import { Purges } from './cache/purges.ts'
import { sharedTier } from './cache/shared-tier-store.ts'
import type { SharedTier } from './cache/shared-tier.ts'
import { SightedStore } from './cache/sighted-store.ts'
import { changedTags } from './cache/invalidation.ts'
import { resourceOf } from './cache/question.ts'
import { buildCacheStage } from './cache/stage.ts'
import type { Exchange } from './exchange.ts'
import { cookieValue } from './identity/cookies.ts'
import type { PurgeOrder } from './operations/purge-route.ts'
import type { Stages } from './pipeline.ts'
import type { StageFacts } from './stages-process.ts'

/** Larger ones would keep Redis, which does one thing at a time, from the quotas. */
const sharedEntryMaxBytes = 512 * 1024

/** The cache of one edge process, and its ties to the caches of the others. */
export interface CacheOpened {
  readonly stage: Stages['cache']
  readonly purgeChanged: Stages['purgeChanged']
  /** Drops in every process, and says which have done so. */
  purge(order: PurgeOrder): Promise<PurgeReach>
  /** True while purges of others may have been missed. */
  isBlind(): boolean
  close(): Promise<void>
}

/** Opens the cache; without the volatile Redis it is this process's alone. */
export async function openCache(facts: StageFacts, redis: Redis | null): Promise<CacheOpened> {
  const memory = new MemoryStore(facts.settings['cache.maxBytes'])
  return redis === null ? alone(facts, memory) : await tied(facts, memory, redis)
}

function alone(facts: StageFacts, memory: MemoryStore): CacheOpened {
  const purges = new Purges(memory)
  return {
    stage: buildStage(facts, { store: memory, purges }),
    purgeChanged: purgeChanged(purges),
    purge: async (order) => {
      purges.purge(tagsOfOrder(order))
      const isAlone = facts.settings.processes === 1
      return { isTold: isAlone, reached: [facts.self], notReached: [] }
    },
    isBlind: () => false,
    close: async () => undefined,
  }
}

async function tied(facts: StageFacts, memory: MemoryStore, redis: Redis): Promise<CacheOpened> {
  const { clock, keys, meter, settings, self } = facts
  const view = new PurgeView(self)
  const isBlind = (): boolean => view.isBlind(clock.monotonicMs())
  const store = new SightedStore(memory, isBlind)
  const purges = new Purges(store, (tags) => others.tell(tags))
  const stream = purgeStream(redis, keys.sharedCacheKey, self)
  const drop = purges.drop.bind(purges)
  const others = new PurgeExchange({ self, stream, view, clock, drop })
  await others.firstLook
  const tier = sharedTier({
    redis,
    secret: keys.sharedCacheKey,
    clock,
    entryMaxBytes: Math.min(settings['cache.entryMaxBytes'], sharedEntryMaxBytes),
    purges: {
      get position() {
        return view.position
      },
      isBlind,
      isUnpurged: others.isUnpurged.bind(others),
    },
    onRead: (result) => meter.count('ecluse_cache_tier_reads_total', { result }),
  })
  return {
    stage: buildStage(facts, { store, purges, ...(settings['cache.shared'] && { tier }) }),
    purgeChanged: purgeChanged(purges),
    purge: (order) => {
      const tags = tagsOfOrder(order)
      purges.drop(tags)
      return others.tellAll(tags)
    },
    isBlind,
    close: () => others.close(),
  }
}

function buildStage(
  { settings, clock, meter, random }: StageFacts,
  kept: { readonly store: CacheStore; readonly purges: Purges; readonly tier?: SharedTier },
): Stages['cache'] {
  const entryMaxBytes = settings['cache.entryMaxBytes']
  const parts = { clock, meter, random, entryMaxBytes, ...kept }
  // What a session changes by way of one process, the others do not hear of.
  if (settings.processes > 1) return buildCacheStage(parts)
  const pages = new OwnPages(settings['cache.ownMaxBytes'])
  return buildCacheStage({ ...parts, own: { pages, session: sessionCookie } })
}

/** The portal's session cookie as it came; null without one, or with two that differ. */
function sessionCookie({ request, policy }: Exchange): string | null {
  const cookies = request.headers['cookie']
  return typeof cookies === 'string' ? cookieValue(cookies, policy.session.cookie) : null
}

function purgeChanged(purges: Purges): Stages['purgeChanged'] {
  return (exchange, answer) => {
    const resource = resourceOf(exchange, exchange.routing.path)
    purges.purge(changedTags(exchange, resource, answer))
  }
}
