import type { Answer, Exchange } from '../exchange.ts'
import type { Policy } from '../policy/policy.ts'
import { turnAway } from '../turned-away.ts'
import { type RouteTable, routeTable } from './route-table.ts'
import { readTarget } from './target.ts'

/** Finds the route class of a request; everything later is decided by it. */
export function buildRoutingStage(): (exchange: Exchange) => Answer | undefined {
  const tables = new WeakMap<Policy, RouteTable>()
  const tableOf = (policy: Policy): RouteTable => {
    let table = tables.get(policy)
    if (!table) tables.set(policy, (table = routeTable(policy.classes)))
    return table
  }

  return (exchange) => {
    const { method, target } = exchange.request
    const reading = readTarget(target)
    if (reading.kind === 'malformed') return turnAway(exchange, 'target-malformed')
    const { path, query } = reading
    const routeClass = tableOf(exchange.policy).classify({ method, ...reading })
    exchange.routing = { routeClass, path, query }
    if (exchange.policy.closed.includes(routeClass.name)) {
      return turnAway(exchange, 'class-closed', { retryAfterSeconds: 300 })
    }
    return undefined
  }
}
