import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Operator } from '../keys/operators.ts'
import type { PolicyExchange, PolicyPut } from '../policy/policy-exchange-process.ts'
import { readPolicy } from '../policy/policy-reader-store.ts'
import type { PolicyHolder } from '../policy/policy-store.ts'
import type { Authority } from './authority-route.ts'

export interface PolicyDependencies {
  readonly authority: Authority
  readonly policy: PolicyHolder
  /** Where policies are put in force, here and in the other processes. */
  readonly policies: PolicyExchange
  /** One line for the audit trail: what was done, and by whom. */
  audit(action: string, by: Operator | null): void
}

/** `GET` and `PUT /policy`, `POST /policy/revert`: the document in force, whole. */
export function policyRoutes(app: FastifyInstance, deps: PolicyDependencies): void {
  app.get('/policy', async () => deps.policy.written())
  app.put('/policy', async (request, reply) => {
    const reading = readPolicy(typeof request.body === 'string' ? request.body : '')
    if (reading.kind === 'refused') return reply.code(422).send({ problems: reading.problems })
    const by = deps.authority.who(request)
    const isNew = reading.policy.version !== deps.policy.written().version
    const put = await deps.policies.put(reading.policy, by?.name ?? 'unknown')
    if (put.kind === 'done' && isNew) deps.audit(`policy ${put.version} put in force`, by)
    return answerPut(reply, put)
  })
  app.post('/policy/revert', async (request, reply) => {
    const by = deps.authority.who(request)
    const to = deps.policy.before()?.version
    const put = await deps.policies.revert(by?.name ?? 'unknown')
    if (put.kind === 'done') {
      deps.audit(`policy ${to} put back in force, as policy ${put.version}`, by)
    }
    return answerPut(reply, put)
  })
}

/** 200 when every process has it in force, 202 when some have not said so, 409 when it is outdated. */
export function answerPut(reply: FastifyReply, put: PolicyPut): FastifyReply {
  if (put.kind === 'refused') return reply.code(409).send({ error: put.problem })
  const { version, reach } = put
  const isEverywhere = reach.isTold && reach.notReached.length === 0
  return reply.code(isEverywhere ? 200 : 202).send({ version, ...reach })
}
