import type { Principal } from '../exchange.ts'

/** On whose behalf an absorbed write is applied, for origins that verify our word for it. */
export interface AssertionFacts {
  readonly principal: Principal
  /** The write's idempotency key: the assertion is good for this write alone. */
  readonly key: string
  readonly nowMs: number
}

/** Computes HMAC-SHA-256 in base64url under the key shared with the origin. */
export type AssertionMac = (text: string) => string

/** Long enough for a slow origin, too short to be worth stealing. */
const assertionLifeMs = 60_000

/** The value of `Ecluse-Assertion`: `v1.<payload>.<mac>`, alive for a minute. */
export function writeAssertion(
  { principal, key, nowMs }: AssertionFacts,
  mac: AssertionMac,
): string {
  const { user, school, role, groups } = principal
  const claims = { user, school, role, groups, key, iat: nowMs, exp: nowMs + assertionLifeMs }
  const bytes = new TextEncoder().encode(JSON.stringify(claims))
  const payload = btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
  return `v1.${payload}.${mac(`v1.${payload}`)}`
}
