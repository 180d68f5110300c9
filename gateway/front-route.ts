import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Answer, Exchange } from './exchange.ts'
import type { EdgeHealth } from './operations/health.ts'

export type RawRoute = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export interface FrontDependencies {
  /** Everything that is not an address of our own. */
  readonly pipeline: RawRoute
  /** Addresses of our own under `/.ecluse/`, by path pattern. */
  readonly ownRoutes: Readonly<Record<string, (exchange: Exchange) => Promise<Answer>>>
  /** Makes a route of what answers an exchange. */
  route(run: (exchange: Exchange) => Promise<Answer>): RawRoute
  health(): EdgeHealth
}

/** People's server: our own addresses under `/.ecluse/`, everything else through the pipeline. */
export function frontServer({ pipeline, ownRoutes, route, health }: FrontDependencies) {
  const handOver = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack()
    void pipeline(request.raw, reply.raw)
  }
  const app = Fastify({
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Only what may be an address of ours pays for being looked up; the rest is handed over as it is.
    serverFactory: (ours) =>
      createServer(serverOptions, (request, response) => {
        if (mayBeOurs(request.url as string)) ours(request, response)
        else void pipeline(request, response)
      }),
    // The target is ours to judge: routing rejects what is malformed, in one place.
    frameworkErrors: (_, request, reply) => handOver(request, reply),
  })
  const ours = new Set([healthPath, ...Object.keys(ownRoutes)])
  // Before Fastify looks at the content: its type, its length and whether a method may have one are
  // the origin's to judge. The hook that never calls `done` ends Fastify's part.
  app.addHook('onRequest', (request, reply, done) => {
    if (ours.has(request.routeOptions.url ?? '')) done()
    else handOver(request, reply)
  })
  app.get(healthPath, async (_, reply) => {
    const { isReady, state } = health()
    return reply
      .code(isReady ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ state })
  })
  for (const [path, run] of Object.entries(ownRoutes)) addOwnRoute(app, path, route(run))
  return app
}

const healthPath = '/.ecluse/health'

const serverOptions = {
  keepAliveTimeout: 75_000,
  requestTimeout: 120_000,
  maxHeaderSize: 16_384,
  insecureHTTPParser: false,
  // Bodies are read only where a header announces one.
  optimizeEmptyRequests: true,
}

/** A target may also be absolute, or be written in ways that Fastify's router reads as ours. */
function mayBeOurs(target: string): boolean {
  return target.startsWith('/.') || !target.startsWith('/') || target.startsWith('/%')
}

function addOwnRoute(app: FastifyInstance, path: string, own: RawRoute): void {
  app.get(path, (request, reply) => {
    reply.hijack()
    void own(request.raw, reply.raw)
  })
}
