import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Operator } from '../keys/operators.ts'
import type { Authority } from './authority-route.ts'

/** What an operator purges: entries of these URLs, cache groups and schools. */
export interface PurgeOrder {
  readonly urls: readonly string[]
  readonly groups: readonly { readonly origin: string; readonly name: string }[]
  readonly schools: readonly string[]
}

/** Who has dropped it, by the time of the answer. */
export interface PurgeReport {
  readonly isTold: boolean
  readonly reached: readonly string[]
  readonly notReached: readonly string[]
}

export interface PurgeDependencies {
  purge(order: PurgeOrder): Promise<PurgeReport>
  readonly authority: Authority
  /** One line for the audit trail: what was done, and by whom. */
  audit(action: string, by: Operator | null): void
}

const mostAtOnce = 1000
const name = z.string().min(1).max(256)
const originPattern = /^https?:\/\/[^/?#\s]+$/
const urlPattern = /^https?:\/\/[^/?#\s]+\/\S*$/

const purgeSchema = z.strictObject({
  urls: z
    .array(z.string().max(8000).regex(urlPattern, 'expected an absolute URL with a path'))
    .max(mostAtOnce)
    .default([]),
  groups: z
    .array(
      z.strictObject({
        origin: z
          .string()
          .regex(originPattern, 'expected scheme and host, such as https://ent.example'),
        name,
      }),
    )
    .max(mostAtOnce)
    .default([]),
  schools: z.array(name).max(mostAtOnce).default([]),
})

/**
 * `POST /purge`: 200 when every process has dropped it, 202 when some have not said so yet; they
 * are named. The token is asked for by the server this is added to.
 */
export function purgeRoute(app: FastifyInstance, deps: PurgeDependencies): void {
  app.post('/purge', async (request, reply) => {
    const reading = readOrder(request.body)
    if (reading.kind === 'refused') return reply.code(422).send({ problems: reading.problems })
    const { urls, groups, schools } = reading.order
    const report = await deps.purge(reading.order)
    const missing =
      report.notReached.length > 0 ? `, not reached: ${report.notReached.join(' ')}` : ''
    const told = report.isTold ? '' : ', other processes not told'
    const did = `purge of ${urls.length} URLs, ${groups.length} groups, ${schools.length} schools${told}${missing}`
    deps.audit(did, deps.authority.who(request))
    return reply.code(report.isTold && missing === '' ? 200 : 202).send(report)
  })
}

type OrderReading =
  | { readonly kind: 'ok'; readonly order: PurgeOrder }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

function readOrder(body: unknown): OrderReading {
  let content: unknown
  try {
    content = JSON.parse(typeof body === 'string' ? body : '')
  } catch {
    return { kind: 'refused', problems: ['expected a JSON object with urls, groups or schools.'] }
  }
  const parsed = purgeSchema.safeParse(content)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    return { kind: 'refused', problems }
  }
  const { urls, groups, schools } = parsed.data
  if (urls.length + groups.length + schools.length === 0) {
    return {
      kind: 'refused',
      problems: ['expected something in urls, groups or schools, found nothing.'],
    }
  }
  return { kind: 'ok', order: parsed.data }
}
