import type { Redis } from 'ioredis'
import type { Clock } from '../core/clock.ts'
import { type RandomStream, unguessable } from '../core/random.ts'
import type { Answer, Exchange } from './exchange.ts'
import { buildAdmissionStage } from './admission/stage.ts'
import { type CacheOpened, openCache } from './cache-process.ts'
import { bindingStore } from './identity/binding-store.ts'
import { cookieValue, withoutOurCookies } from './identity/cookies.ts'
import { buildIdentityStage } from './identity/stage.ts'
import type { Keys } from './keys/key-store.ts'
import type { GatewayMeter } from './metrics.ts'
import type { Surroundings } from './operations/health.ts'
import type { Stages } from './pipeline.ts'
import type { Policy } from './policy/policy.ts'
import { buildRateLimitStage } from './rate-limit/stage.ts'
import { redisClient, timeCommands } from './redis-client.ts'
import { buildRoutingStage } from './routing/stage.ts'
import { type GatewaySettings, originUrls } from './settings.ts'
import { originsClient } from './upstream/origins-client.ts'
import { buildUpstreamStage } from './upstream/stage.ts'
import { admissionCookie, isAdmissionValid } from './waiting-room/admission-token.ts'
import { buildWaitingRoomStage } from './waiting-room/stage.ts'
import { pendingPath, receiptKeysPath } from './write-absorption/receipt.ts'
import { openWrites, type WritesOpened } from './writes-process.ts'

export interface StagesOpened {
  readonly stages: Stages
  /** Addresses of our own that need to know who asks, by path pattern. */
  readonly ownRoutes: Readonly<Record<string, (exchange: Exchange) => Promise<Answer>>>
  surroundings(): Omit<Surroundings, 'isDraining'>
  readonly purge: CacheOpened['purge']
  /** What the processes of the edge share; null without it. */
  readonly volatile: Redis | null
  close(): Promise<void>
}

/** What the stages of one edge process are built from. */
export interface StageFacts {
  /** This process's name among those of the edge. */
  readonly self: string
  readonly settings: GatewaySettings
  readonly keys: Keys
  readonly clock: Clock
  readonly random: RandomStream
  readonly meter: GatewayMeter
  policy(): Policy
  log(line: string): void
}

/** Builds every stage with what it needs: the one place where they are put together. */
export async function openStages(facts: StageFacts): Promise<StagesOpened> {
  const { settings, keys, clock, meter } = facts
  const around = await openSurroundings(facts)
  const { origin, volatile, writes, cache } = around
  const { gate, waitingRoom } = facts.policy()
  const admission = buildAdmissionStage({ clock, meter, rules: gate })
  const door = { gateLoads: admission.loads, unguessable, rules: waitingRoom }
  const room = buildWaitingRoomStage({ clock, meter, keys, ...door })
  const { sessionHashKey, assertionMac } = keys
  const hasAdmission = admissionCheck(keys)
  const identity = buildIdentityStage({
    keys,
    sessionHashKey,
    store: bindingStore(),
    hasAdmission,
    onLogin: ({ user }) => writes?.ownerIsBack(user),
  })
  const stages: Stages = {
    routing: buildRoutingStage(),
    identity,
    waitingRoom: room.stage,
    cache: cache.stage,
    purgeChanged: cache.purgeChanged,
    rateLimit: buildRateLimitStage({
      nameKey: sessionHashKey,
      clock,
      meter,
      redis: volatile,
      processes: settings.processes,
    }),
    writeAbsorption: writes?.stage ?? (async () => undefined),
    admission: admission.stage,
    upstream: buildUpstreamStage({
      clock,
      meter,
      origin,
      assertionMac,
      withoutOurCookies,
      originHost: new URL(originUrls(settings)[0] as string).host,
    }),
  }
  return {
    stages,
    ownRoutes: ownRoutes(writes, identity),
    surroundings: around.facts,
    purge: cache.purge,
    volatile,
    close: async () => {
      room.close()
      admission.close()
      await around.close()
    },
  }
}

/** Addresses under /.ecluse/ that are answered for the person who asks, whoever that is. */
function ownRoutes(
  writes: WritesOpened | null,
  identity: Stages['identity'],
): StagesOpened['ownRoutes'] {
  if (writes === null) return {}
  const recognised =
    (answer: (exchange: Exchange) => Promise<Answer>) =>
    (exchange: Exchange): Promise<Answer> => {
      identity.recognise(exchange)
      return answer(exchange)
    }
  return {
    '/.ecluse/receipts/:id': recognised(writes.receipts),
    [pendingPath]: recognised(writes.pending),
    [receiptKeysPath]: writes.receiptKeys,
  }
}

/** Was the person let in by the waiting room, and not bound to a session yet? */
function admissionCheck(keys: Keys): (exchange: Exchange) => boolean {
  return ({ request, wallAtMs }) => {
    const cookies = request.headers['cookie']
    const token = typeof cookies === 'string' ? cookieValue(cookies, admissionCookie) : null
    return token !== null && isAdmissionValid(token, wallAtMs, keys)
  }
}

/** Connects to the origin and to both Redis; what opened is closed again when a later step fails. */
async function openSurroundings(facts: StageFacts) {
  const { settings, clock, meter } = facts
  const origin = originsClient(originUrls(settings), {
    clock,
    meter,
    maxConnections: settings['origin.maxConnections'],
  })
  const volatile = await openRedis(settings['redis.volatile'], 'volatile', meter)
  const durable = await openRedis(settings['redis.durable'], 'durable', meter)
  const cache = await openCache(facts, volatile)
  const disconnect = async (): Promise<void> => {
    await cache.close()
    volatile?.disconnect()
    durable?.disconnect()
    await origin.close()
  }
  try {
    const writes = durable === null ? null : await openWrites(facts, durable)
    return {
      origin,
      volatile,
      writes,
      cache,
      facts: () => ({
        volatileRedis: stateOf(volatile),
        isPurgeBlind: cache.isBlind(),
        durableRedis: stateOf(durable),
        refusedAbsorption: writes?.refused() ?? null,
        spooled: writes?.spooled() ?? null,
      }),
      close: async () => {
        await writes?.close()
        await disconnect()
      },
    }
  } catch (error) {
    await disconnect()
    throw error
  }
}

// Long enough for a fork to end; the stages that cannot wait so long have limits of their own.
const redisTimeoutMs = 1_000

/** A connection, tried once before the first request; when that fails it keeps trying by itself. */
async function openRedis(
  address: string | undefined,
  role: 'durable' | 'volatile',
  meter: GatewayMeter,
): Promise<Redis | null> {
  if (address === undefined) return null
  const client = redisClient(address, redisTimeoutMs)
  timeCommands(client, (seconds) => meter.observe('ecluse_redis_seconds', { role }, seconds))
  // Down at boot is a designed state: the edge starts, says so in its health, and recovers.
  await client.connect().catch(() => undefined)
  return client
}

function stateOf(client: Redis | null): 'up' | 'down' | 'not configured' {
  if (client === null) return 'not configured'
  return client.status === 'ready' ? 'up' : 'down'
}
