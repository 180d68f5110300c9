import type { Redis } from 'ioredis'
import { systemClock } from '../core/clock.ts'
import type { Keys } from './keys/key-store.ts'
import { PolicyExchange } from './policy/policy-exchange-process.ts'
import type { PolicyHolder } from './policy/policy-store.ts'
import { sharedPolicy } from './policy/shared-policy-store.ts'
import type { GatewaySettings } from './settings.ts'

/** Joins the processes that decide by one policy; looked at once before the first request comes. */
export async function openPolicies(facts: {
  readonly self: string
  readonly holder: PolicyHolder
  readonly volatile: Redis | null
  readonly keys: Keys
  readonly settings: GatewaySettings
  log(line: string): void
}): Promise<PolicyExchange> {
  const { volatile, keys, self, settings } = facts
  const { processes } = settings
  const shared = volatile === null ? null : sharedPolicy(volatile, keys, self)
  const exchange = new PolicyExchange({ ...facts, processes, shared, clock: systemClock })
  await exchange.firstLook
  return exchange
}
