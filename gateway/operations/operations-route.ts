import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { PolicyHolder } from '../policy/policy-store.ts'
import { readPolicy } from '../policy/policy-reader-store.ts'
import type { Authority } from './authority-route.ts'
import { type ControlsDependencies, controlsRoutes } from './controls-route.ts'
import type { EdgeHealth } from './health.ts'
import { type PurgeDependencies, purgeRoute } from './purge-route.ts'

export interface OperationsDependencies extends ControlsDependencies, PurgeDependencies {
  readonly authority: Authority
  readonly policy: PolicyHolder
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
  app.get('/policy', async () => deps.policy.written())
  app.put('/policy', async (request, reply) => {
    const reading = readPolicy(typeof request.body === 'string' ? request.body : '')
    if (reading.kind === 'refused') return reply.code(422).send({ problems: reading.problems })
    deps.policy.swap(reading.policy)
    deps.audit(`policy ${reading.policy.version} put in force`, deps.authority.who(request))
    return { version: reading.policy.version }
  })
  app.post('/policy/revert', (request, reply) => revert(deps, request, reply))
  controlsRoutes(app, deps)
  purgeRoute(app, deps)
}

async function revert(deps: OperationsDependencies, request: FastifyRequest, reply: FastifyReply) {
  if (!deps.policy.revert())
    return reply.code(409).send({ error: 'no earlier policy to go back to' })
  const { version } = deps.policy.written()
  deps.audit(`policy ${version} put back in force`, deps.authority.who(request))
  return { version }
}
