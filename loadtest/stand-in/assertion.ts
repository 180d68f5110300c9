import type { Person } from './session-table.ts'

/** The key shared with whoever writes on behalf of people, and the codec of its messages. */
export interface AssertionKey {
  /** Compares in constant time. */
  isSigned(text: string, signature: string): boolean
  /** Text of a base64url part. */
  decode(part: string): string
}

export type AssertionReading =
  | { readonly kind: 'ok'; readonly person: Person }
  | { readonly kind: 'refused'; readonly reason: 'malformed' | 'forged' | 'expired' | 'other-key' }

/**
 * Who a write on behalf of somebody is for: `v1.<payload>.<HMAC-SHA256 of "v1.<payload>">`.
 * The signature is checked before the payload is read. An assertion is good for one idempotency
 * key only, so a stolen one cannot write anything else. It names no class.
 */
export function readAssertion(
  assertion: string,
  facts: {
    readonly key: AssertionKey
    readonly wallMs: number
    readonly idempotencyKey: string | undefined
  },
): AssertionReading {
  const parts = assertion.split('.')
  const [version, payload, signature] = parts
  if (parts.length !== 3 || version !== 'v1' || payload === undefined || signature === undefined) {
    return { kind: 'refused', reason: 'malformed' }
  }
  if (!facts.key.isSigned(`v1.${payload}`, signature)) return { kind: 'refused', reason: 'forged' }
  const claims = claimsOf(facts.key.decode(payload))
  if (claims === undefined) return { kind: 'refused', reason: 'malformed' }
  if (claims.exp <= facts.wallMs) return { kind: 'refused', reason: 'expired' }
  if (claims.key !== facts.idempotencyKey) return { kind: 'refused', reason: 'other-key' }
  const { user, school, role } = claims
  return { kind: 'ok', person: { user, school, role, classId: '' } }
}

interface Claims {
  readonly user: string
  readonly school: string
  readonly role: string
  readonly key: string
  readonly exp: number
}

function claimsOf(text: string): Claims | undefined {
  let claims: Partial<Record<keyof Claims, unknown>> | null
  try {
    claims = JSON.parse(text)
  } catch {
    // Signed but unreadable: the caller refuses it as malformed, and the answer says so.
    return undefined
  }
  const texts = [claims?.user, claims?.school, claims?.role, claims?.key]
  if (!texts.every((value) => typeof value === 'string')) return undefined
  return typeof claims?.exp === 'number' ? (claims as Claims) : undefined
}
