import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { PolicyHolder } from '../policy/policy-store.ts'
import { readPolicy } from '../policy/policy-reader-store.ts'
import type { EdgeHealth } from './health.ts'

export interface OperationsDependencies {
  readonly token: string
  /** Names this server answers to, besides loopback ones; anything else is refused (DNS rebinding). */
  readonly hosts: readonly string[]
  readonly policy: PolicyHolder
  health(): EdgeHealth
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>
  /** One line for the audit trail: what was done. */
  audit(action: string): void
}

/**
 * The operations server: health, metrics, and the policy in force. Reading is open to whoever
 * reaches the port (loopback by default); anything that changes state needs the token.
 */
export function operationsRoutes(app: FastifyInstance, deps: OperationsDependencies): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 1_048_576 }, (_, body, done) =>
    done(null, body),
  )
  app.addHook('onRequest', async (request, reply) => {
    const problem = refusalOf(request, deps)
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
  app.get('/policy', async () => deps.policy.current())
  app.put('/policy', async (request, reply) => {
    const reading = readPolicy(typeof request.body === 'string' ? request.body : '')
    if (reading.kind === 'refused') return reply.code(422).send({ problems: reading.problems })
    deps.policy.swap(reading.policy)
    deps.audit(`policy ${reading.policy.version} put in force`)
    return { version: reading.policy.version }
  })
  app.post('/policy/revert', (_, reply) => revert(deps, reply))
}

async function revert(deps: OperationsDependencies, reply: FastifyReply) {
  if (!deps.policy.revert())
    return reply.code(409).send({ error: 'no earlier policy to go back to' })
  const { version } = deps.policy.current()
  deps.audit(`policy ${version} put back in force`)
  return { version }
}

function refusalOf(request: FastifyRequest, deps: OperationsDependencies) {
  const host = hostName(request.headers.host ?? '')
  if (!loopbackNames.has(host) && !deps.hosts.includes(host)) {
    return { status: 421, error: `this server does not answer to the name "${host}"` }
  }
  if (request.method === 'GET' || request.method === 'HEAD') return undefined
  // A page of another site may send requests here through an operator's browser.
  const site = request.headers['sec-fetch-site']
  if (request.headers.origin !== undefined && site !== 'same-origin') {
    return { status: 403, error: 'changes are not taken from pages of other sites' }
  }
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
  if (!isSame(given, deps.token)) {
    return { status: 401, error: 'a change needs "Authorization: Bearer" with operations.token' }
  }
  return undefined
}

const loopbackNames: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase()
}

function isSame(given: string, expected: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}
