import { serviceClasses } from '../../../loadtest/stand-in/service-model.ts'
import type { RequestKind } from '../crowd.ts'
import type { Priority } from '../../../gateway/policy/policy.ts'

/** A kind of request with the bytes it goes out as. */
export interface RealKind extends RequestKind {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
}

/** The time after which nobody wants the answer, as in the policy of the bench. */
const deadlineMs = 5_000

function kind(
  name: string,
  priority: Priority,
  asks: { readonly as: string; readonly share: number; readonly service: string },
): RealKind {
  const [method, path] = asks.as.split(' ') as [RealKind['method'], string]
  const service = serviceClasses[asks.service]
  if (service === undefined) throw new Error(`no service class ${asks.service} in the stand-in`)
  const { workerMs, databaseMs } = service
  return { name, priority, deadlineMs, share: asks.share, method, path, workerMs, databaseMs }
}

/** The crowd of `crowd.ts` as requests to the stand-in, at what it says they cost. */
export const realKinds: readonly RealKind[] = [
  kind('hand-in', 0, {
    as: 'POST /api/homework/5/submissions',
    service: 'hand-in',
    share: 0.01,
  }),
  kind('publish', 1, { as: 'PUT /api/classes/c1/homework/5', service: 'publish', share: 0.02 }),
  kind('own-data', 2, { as: 'GET /api/me/homework', service: 'own-list', share: 0.45 }),
  kind('counters', 3, { as: 'GET /api/me/counters/messages', service: 'counter', share: 0.2 }),
  kind('strict-list', 4, {
    as: 'GET /api/me/messages?folder=inbox',
    service: 'strict-list',
    share: 0.2,
  }),
  kind('feed', 5, { as: 'GET /api/me/feed?page=0', service: 'feed', share: 0.02 }),
  kind('telemetry', 6, { as: 'POST /api/telemetry', service: 'telemetry', share: 0.1 }),
]
