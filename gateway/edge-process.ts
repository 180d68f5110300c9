import { createServer, type Server } from 'node:http'
import Fastify, { type FastifyInstance } from 'fastify'
import { systemClock } from '../core/clock.ts'
import type { LiveFeed } from '../core/live-feed.ts'
import { randomStream, unguessable } from '../core/random.ts'
import { applyRoute, vouched } from './apply-route.ts'
import { buildClientRoute } from './client-route.ts'
import type { Answer, Exchange } from './exchange.ts'
import { frontServer } from './front-route.ts'
import { openHotLane } from './hot-lane-process.ts'
import { type Keys, loadKeys } from './keys/key-store.ts'
import { drained, listen, processName, urlOf } from './listening-process.ts'
import { openObservation } from './observation-process.ts'
import { auditTrail } from './operations/audit-store.ts'
import { type Authority, buildAuthority } from './operations/authority-route.ts'
import { edgeHealth } from './operations/health.ts'
import { liveRoutes } from './operations/live-route.ts'
import { type OperationsDependencies, operationsRoutes } from './operations/operations-route.ts'
import { apply, handle } from './pipeline.ts'
import type { Policy } from './policy/policy.ts'
import { openPolicies } from './policy-process.ts'
import { policyHolder } from './policy/policy-store.ts'
import type { GatewaySettings } from './settings.ts'
import { openStages, type StagesOpened } from './stages-process.ts'

export interface Edge {
  readonly url: string
  readonly operationsUrl: string
  readonly internalUrl: string
  /** Stops taking requests, lets those in flight end within `drain.seconds`, then closes. */
  close(): Promise<void>
}

export interface EdgeFacts {
  readonly settings: GatewaySettings
  readonly policy: Policy
  /** Where lines for people go: faults, audit. */
  log(line: string): void
}

/** Opens the three servers of one edge process: people's, operations', and the workers'. */
export async function openEdge(facts: EdgeFacts): Promise<Edge> {
  const { settings, log } = facts
  const keys = loadKeys(settings['keys.folder'])
  const holder = policyHolder(facts.policy, settings['policy.lastGoodFile'])
  let isDraining = false
  const clock = systemClock
  let known: StagesOpened | undefined
  // Asked each second from now on, also while the stages are still being opened.
  const surroundings = () => known?.surroundings() ?? nothingKnown
  const health = () => edgeHealth({ isDraining, ...surroundings() })
  const watched = { policy: holder, surroundings, health }
  const observation = openObservation({ clock, settings, ...watched, log })
  const { meter, feed, metrics } = observation
  const random = randomStream(unguessable(16))
  const shared = { clock, meter, random, policy: holder.current, isDraining: () => isDraining }
  const self = processName()
  const parts = await openStages({ ...shared, self, settings, keys, log })
  known = parts
  const { volatile } = parts
  const policies = await openPolicies({ self, holder, volatile, keys, settings, log })

  const route = (run: Run, origin: Exchange['origin'] = 'client') =>
    buildClientRoute({
      ...shared,
      origin,
      onFinish: observation.onFinish,
      onGiven: (exchange, answer) => lane.learn(exchange, answer),
      handle: run,
      onFault: (error) => log(`fault: ${error instanceof Error ? error.stack : String(error)}`),
    })
  const pipeline = route((exchange) => handle(exchange, parts.stages))
  const front = frontServer({ pipeline, ownRoutes: parts.ownRoutes, route, health })
  const { onServed } = observation
  const lane = await openHotLane({ ...shared, server: front.server, settings, onServed, log })
  const authority = authorityOf(settings, keys)
  const audit = auditOf(facts, feed)
  const reading = { feed, policy: holder, policies, health, metrics }
  const operations = operationsServer({ ...reading, authority, audit, purge: parts.purge })
  const internal = createServer(
    applyRoute({
      token: keys.internalToken,
      run: route((exchange) => apply(vouched(exchange), parts.stages), 'apply'),
    }),
  )

  const edge = await opened(
    { front, operations, internal },
    {
      settings,
      beforeClose: () => (isDraining = true),
      afterClose: async () => {
        await policies.close()
        await Promise.all([lane.close(), observation.close(), parts.close()])
      },
    },
  )
  observation.start(edge.url)
  return edge
}

function operationsServer(
  deps: OperationsDependencies & Parameters<typeof liveRoutes>[1],
): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true })
  operationsRoutes(app, deps)
  liveRoutes(app, deps)
  return app
}

function auditOf({ settings, log }: EdgeFacts, feed: LiveFeed) {
  const file = settings['operations.auditFile']
  return auditTrail({ clock: systemClock, log, file, show: (line) => feed.note(line) })
}

function authorityOf(settings: GatewaySettings, keys: Keys): Authority {
  const list = (text = ''): string[] => text.split(',').flatMap((one) => one.trim() || [])
  return buildAuthority({
    token: keys.operationsToken,
    operatorsFolder: settings['keys.folder'],
    hosts: [settings['operations.host'], ...list(settings['operations.names'])],
    readers: settings['operations.readers'],
    sso: {
      field: settings['operations.ssoField'],
      from: list(settings['operations.ssoFrom']),
      actors: list(settings['operations.ssoActors']),
    },
  })
}

/** Before the stages are open. */
const nothingKnown = {
  volatileRedis: 'not configured',
  durableRedis: 'not configured',
  refusedAbsorption: null,
  spooled: null,
  isPurgeBlind: false,
} as const

interface Servers {
  readonly front: FastifyInstance
  readonly operations: FastifyInstance
  readonly internal: Server
}

/** Listens with all three servers, or closes what had opened and fails. */
async function opened(
  { front, operations, internal }: Servers,
  facts: { settings: GatewaySettings; beforeClose(): void; afterClose(): Promise<unknown> },
): Promise<Edge> {
  const { settings } = facts
  const close = async (withinMs: number): Promise<void> => {
    facts.beforeClose()
    await drained([front.server, internal], withinMs)
    await Promise.all([front.close(), operations.close()])
    await facts.afterClose()
  }
  try {
    await front.listen({ host: settings['listen.host'], port: settings['listen.port'] })
    const { 'operations.host': host, 'operations.port': port } = settings
    await operations.listen({ host, port })
    await listen(internal, settings['internal.host'], settings['internal.port'])
  } catch (error) {
    await close(0)
    throw error
  }
  return {
    url: urlOf(front.server),
    operationsUrl: urlOf(operations.server),
    internalUrl: urlOf(internal),
    close: () => close(settings['drain.seconds'] * 1_000),
  }
}

type Run = (exchange: Exchange) => Promise<Answer>
