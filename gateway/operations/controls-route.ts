import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { stageSwitches } from '../policy/policy.ts'
import { applyControl, type Control } from './controls.ts'
import { answerPut, type PolicyDependencies } from './policy-route.ts'

const order = z.strictObject({
  /** The version the operator saw; another one is in force by now: look again. */
  expectVersion: z.int(),
  control: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('stage'),
      stage: z.enum(stageSwitches),
      state: z.enum(['enforce', 'off']),
    }),
    z.strictObject({
      kind: z.literal('class'),
      name: z.string().max(64),
      state: z.enum(['open', 'closed']),
    }),
    z.strictObject({
      kind: z.literal('waiting-room'),
      maxInside: z.int().min(1).max(10_000_000),
    }),
    z.strictObject({
      kind: z.literal('bypass'),
      state: z.enum(['on', 'off']),
      classes: z.array(z.string().max(64)).max(1_000).optional(),
    }),
  ]),
})

/** `POST /controls`: one change of what is in force, as the live page sends it. */
export function controlsRoutes(app: FastifyInstance, deps: PolicyDependencies): void {
  app.post('/controls', async (request, reply) => {
    const read = readOrder(request.body)
    if (read.kind === 'refused') return reply.code(422).send({ error: read.problem })
    const written = deps.policy.written()
    if (read.expectVersion !== written.version) {
      const error = `expected version ${read.expectVersion} in force, found ${written.version}; look again`
      return reply.code(409).send({ error })
    }
    const decision = applyControl(written, read.control)
    if (decision.kind === 'refused') return reply.code(422).send({ error: decision.problem })
    const by = deps.authority.who(request)
    const put = await deps.policies.put(decision.policy, by?.name ?? 'unknown')
    if (put.kind === 'done') deps.audit(`${decision.said} (policy ${put.version})`, by)
    return answerPut(reply, put)
  })
}

function readOrder(
  body: unknown,
):
  | { readonly kind: 'ok'; readonly expectVersion: number; readonly control: Control }
  | { readonly kind: 'refused'; readonly problem: string } {
  let given: unknown
  try {
    given = JSON.parse(typeof body === 'string' ? body : '')
  } catch {
    return { kind: 'refused', problem: 'expected one control as JSON, found something else' }
  }
  const parsed = order.safeParse(given)
  if (parsed.success) return { kind: 'ok', ...parsed.data }
  const [issue] = parsed.error.issues
  return { kind: 'refused', problem: `${issue?.path.join('.')}: ${issue?.message}` }
}
