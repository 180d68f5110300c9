import { cookieLine } from './cookies.ts'
import { openToken, type SigningPort, sealToken } from './signed-token.ts'

/** The cookie that keeps somebody inside from being let in until the session is bound. */
export const admissionCookie = '__Host-ecluse-in'

/** Long enough for a login at an identity provider; renewed while its holder is active. */
export const admissionSeconds = 600

// Clocks of two edge hosts may differ by this much.
const leewayMs = 60_000

/** Somebody was let in: by which admission, and until when it speaks for them. */
export interface Admission {
  readonly id: string
  readonly expiresAtMs: number
}

/** The admission as a `Set-Cookie` value. `nowMs` is wall time. */
export function admissionCookieLine(id: string, nowMs: number, keys: SigningPort): string {
  const expiresAtMs = Math.floor(nowMs + admissionSeconds * 1_000)
  const token = sealToken('admission', [id, String(expiresAtMs)], keys)
  return cookieLine(admissionCookie, token, admissionSeconds)
}

/** The admission in a cookie value if it is ours and lives at `nowMs` (wall); else null. */
export function readAdmission(value: string, nowMs: number, keys: SigningPort): Admission | null {
  const [id, expires, ...rest] = openToken('admission', value, keys) ?? []
  if (id === undefined || expires === undefined || rest.length > 0) return null
  const expiresAtMs = Number(expires)
  // From further ahead than clocks may differ, it would last longer than an admission does.
  const isOfNow = expiresAtMs <= nowMs + admissionSeconds * 1_000 + leewayMs
  return nowMs < expiresAtMs && isOfNow ? { id, expiresAtMs } : null
}

/** Does this cookie value say that its holder was let in? One MAC; for the identity stage. */
export function isAdmissionValid(value: string, nowMs: number, keys: SigningPort): boolean {
  return readAdmission(value, nowMs, keys) !== null
}
