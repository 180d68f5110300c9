import type { Principal } from '../exchange.ts'

/** Signs and verifies texts under keys that rotate; `gateway/keys/` implements it. */
export interface SigningPort {
  sign(text: string): { readonly kid: string; readonly mac: string }
  verify(kid: string, text: string, mac: string): boolean
}

/** What a pass says: whose session this is, and that its holder is inside. */
export interface Pass {
  /** Keyed hash of the session cookie the pass belongs to; with another session it is nothing. */
  readonly sessionKey: string
  readonly principal: Principal
  readonly issuedAtMs: number
  readonly expiresAtMs: number
}

export const passCookie = '__Host-ecluse-pass'

/** Longest pass read. Groups are few; a longer one was not written by us. */
const passMaxLength = 2_000

/**
 * The pass as a cookie value, `v1.<kid>.<payload>.<mac>`. Signed, so that any process of the edge,
 * also one just started, knows who is inside without asking anybody.
 */
export function writePass(pass: Pass, keys: SigningPort): string {
  const { principal } = pass
  const payload = encode([
    pass.sessionKey,
    principal.user,
    principal.school,
    principal.role,
    principal.groups,
    pass.issuedAtMs,
    pass.expiresAtMs,
  ])
  const { kid, mac } = keys.sign(signedText(payload))
  return `v1.${kid}.${payload}.${mac}`
}

/** The pass in a cookie value if it is ours, alive at `nowMs` and of this session; else null. */
export function readPass(
  value: string,
  expected: { readonly sessionKey: string; readonly nowMs: number },
  keys: SigningPort,
): Pass | null {
  if (value.length > passMaxLength) return null
  const [version, kid, payload, mac, ...rest] = value.split('.')
  if (version !== 'v1' || !kid || !payload || !mac || rest.length > 0) return null
  if (!keys.verify(kid, signedText(payload), mac)) return null
  const pass = decode(payload)
  if (pass === null || pass.sessionKey !== expected.sessionKey) return null
  return pass.issuedAtMs - leewayMs <= expected.nowMs && expected.nowMs < pass.expiresAtMs
    ? pass
    : null
}

/** The pass as a `Set-Cookie` line; an empty value takes it away. */
export function passCookieLine(value: string, maxAgeSeconds: number): string {
  return `${passCookie}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}`
}

/** A pass is renewed once half of its life is gone, so that active people never lose it. */
export function isDueForRenewal(pass: Pass, nowMs: number): boolean {
  return nowMs - pass.issuedAtMs > (pass.expiresAtMs - pass.issuedAtMs) / 2
}

// Clocks of two edge hosts may differ by this much.
const leewayMs = 60_000

// The purpose is part of what is signed: no token of another kind can pass for a pass.
function signedText(payload: string): string {
  return `ecluse-pass-v1.${payload}`
}

function encode(fields: readonly unknown[]): string {
  const bytes = new TextEncoder().encode(JSON.stringify(fields))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

function decode(payload: string): Pass | null {
  try {
    const binary = atob(payload.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    return shaped(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    // Signed by us and yet unreadable: written by another version. The holder logs in again.
    return null
  }
}

function shaped(fields: unknown): Pass | null {
  if (!Array.isArray(fields) || fields.length !== 7) return null
  const [sessionKey, user, school, role, groups, issuedAtMs, expiresAtMs] = fields as unknown[]
  if (typeof sessionKey !== 'string' || typeof user !== 'string') return null
  if (!isTextOrNull(school) || !isTextOrNull(role)) return null
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string')) return null
  if (typeof issuedAtMs !== 'number' || typeof expiresAtMs !== 'number') return null
  return { sessionKey, principal: { user, school, role, groups }, issuedAtMs, expiresAtMs }
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}
