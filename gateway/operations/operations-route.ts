import type { FastifyInstance } from 'fastify'
import type { Authority } from './authority-route.ts'
import { controlsRoutes } from './controls-route.ts'
import type { EdgeHealth } from './health.ts'
import { type PolicyDependencies, policyRoutes } from './policy-route.ts'
import { type PurgeDependencies, purgeRoute } from './purge-route.ts'

export interface OperationsDependencies extends PolicyDependencies, PurgeDependencies {
  readonly authority: Authority
  health(): EdgeHealth
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>
}

/**
 * The operations server: health, metrics, the policy in force, and what operators do. Who may read
 * and who may change is the authority's to say.
 */
export function operationsRoutes(app: FastifyInstance, deps: OperationsDependencies): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 1_048_576 }, (_, body, done) =>
    done(null, body),
  )
  app.addHook('onRequest', async (request, reply) => {
    const problem = deps.authority.refusalOf(request)
    if (problem) await reply.code(problem.status).send({ error: problem.error })
  })
  app.get('/health', async (_, reply) => {
    const health = deps.health()
    return reply.code(health.isReady ? 200 : 503).send(health)
  })
  app.get('/metrics', async (_, reply) => {
    const { contentType, text } = await deps.metrics()
    return reply.header('content-type', contentType).send(text)
  })
  policyRoutes(app, deps)
  controlsRoutes(app, deps)
  purgeRoute(app, deps)
}
