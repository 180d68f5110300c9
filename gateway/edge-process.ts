import { createServer, type Server } from 'node:http'
import Fastify, { type FastifyInstance } from 'fastify'
import { systemClock } from '../core/clock.ts'
import { randomStream, unguessable } from '../core/random.ts'
import { applyRoute, vouched } from './apply-route.ts'
import { buildClientRoute } from './client-route.ts'
import type { Answer, Exchange } from './exchange.ts'
import { frontServer } from './front-route.ts'
import { loadKeys } from './keys/key-store.ts'
import { drained, listen, urlOf } from './listening-process.ts'
import { openObservation } from './observation-process.ts'
import { edgeHealth } from './operations/health.ts'
import { type OperationsDependencies, operationsRoutes } from './operations/operations-route.ts'
import { apply, handle } from './pipeline.ts'
import type { Policy } from './policy/policy.ts'
import { policyHolder } from './policy/policy-store.ts'
import type { GatewaySettings } from './settings.ts'
import { openStages } from './stages-process.ts'

export interface Edge {
  readonly url: string
  readonly operationsUrl: string
  readonly internalUrl: string
  /** Stops taking requests, lets those in flight end within `drain.seconds`, then closes. */
  close(): Promise<void>
}

/** Opens the three servers of one edge process: people's, operations', and the workers'. */
export async function openEdge(facts: {
  readonly settings: GatewaySettings
  readonly policy: Policy
  /** Where lines for people go: faults, audit. */
  log(line: string): void
}): Promise<Edge> {
  const { settings, log } = facts
  const keys = loadKeys(settings['keys.folder'])
  const holder = policyHolder(facts.policy, settings['policy.lastGoodFile'])
  const base = { clock: systemClock, policy: holder.current }
  const surroundings = () => parts.surroundings()
  const observation = openObservation({ ...base, settings, surroundings })
  const shared = { ...base, random: randomStream(unguessable(16)), meter: observation.meter }
  const parts = await openStages({ ...shared, settings, keys, log })
  let isDraining = false

  const route = (run: Run, origin: Exchange['origin'] = 'client') =>
    buildClientRoute({
      ...shared,
      origin,
      onFinish: observation.onFinish,
      isDraining: () => isDraining,
      handle: run,
      onFault: (error) => log(`fault: ${error instanceof Error ? error.stack : String(error)}`),
    })
  const health = () => edgeHealth({ isDraining, ...parts.surroundings() })

  const front = frontServer({
    pipeline: route((exchange) => handle(exchange, parts.stages)),
    ownRoutes: parts.ownRoutes,
    route,
    health,
  })
  const operations = operationsServer({
    token: keys.operationsToken,
    hosts: [settings['operations.host']],
    policy: holder,
    health,
    metrics: observation.metrics,
    audit: (action) => log(`audit: ${action}`),
  })
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
      afterClose: () => Promise.all([observation.close(), parts.close()]),
    },
  )
  observation.start(edge.url)
  return edge
}

function operationsServer(deps: OperationsDependencies): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true })
  operationsRoutes(app, deps)
  return app
}

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
    await listen(internal, settings['internal.port'])
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
