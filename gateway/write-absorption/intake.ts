import type { ClientRequest, Principal } from '../exchange.ts'
import type { WriteRules } from '../policy/policy.ts'

/** What the decision needs to know of one request. */
export interface IntakeFacts {
  readonly isOn: boolean
  readonly rules: WriteRules | undefined
  readonly principal: Principal | null
  readonly headers: ClientRequest['headers']
}

export type Intake =
  /** Not for the queue: it goes to the origin like any other request. */
  | { readonly kind: 'pass-on' }
  | { readonly kind: 'reject'; readonly reason: 'idempotency-key-malformed' }
  | {
      readonly kind: 'take'
      readonly key: string
      readonly rules: WriteRules
      readonly principal: Principal
      /** What its body may take in memory while it is read. */
      readonly bodyBytesAtMost: number
    }

/**
 * Whether a request is a write that may be acknowledged now and applied later, decided before a
 * byte of its body is read, so that what is passed on is untouched.
 *
 * The idempotency key is also what keeps other sites out: a browser sends no such header across
 * sites without asking first, so a forged form is never absorbed.
 */
export function decideIntake({ isOn, rules, principal, headers }: IntakeFacts): Intake {
  // `session` would have to keep the person's cookie and form token; no class may ask for it yet.
  if (!isOn || rules?.authority !== 'on-behalf' || principal === null) return { kind: 'pass-on' }
  if (rules.when === 'never') return { kind: 'pass-on' }
  const key = readIdempotencyKey(headers['idempotency-key'])
  if (key.kind === 'absent') return { kind: 'pass-on' }
  // Later only the content type is known; a coded body would be applied as something else.
  if (headers['content-encoding'] !== undefined) return { kind: 'pass-on' }
  const length = headers['content-length']
  const bodyBytesAtMost = length === undefined ? rules.maxBodyBytes : Number(length)
  if (bodyBytesAtMost > rules.maxBodyBytes) return { kind: 'pass-on' }
  if (key.kind === 'malformed') return { kind: 'reject', reason: 'idempotency-key-malformed' }
  return { kind: 'take', key: key.key, rules, principal, bodyBytesAtMost }
}

export type KeyReading =
  | { readonly kind: 'absent' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'ok'; readonly key: string }

/**
 * The key of an `Idempotency-Key` field. The draft asks for a string of structured fields, in
 * quotes; most clients send it bare. Both are the same key.
 */
export function readIdempotencyKey(field: string | readonly string[] | undefined): KeyReading {
  if (field === undefined) return { kind: 'absent' }
  const key = /^"?([A-Za-z0-9_.:-]{8,128})"?$/.exec(String(field).trim())?.[1]
  return key === undefined ? { kind: 'malformed' } : { kind: 'ok', key }
}

/**
 * Whether the workers are so far behind that no more is promised. `waitingSinceMs` is since when the
 * person waits who has waited longest for a turn; one whose own write keeps failing delays nobody.
 */
export function isBacklogTooOld(
  waitingSinceMs: number | null,
  wallMs: number,
  rules: WriteRules,
): boolean {
  return waitingSinceMs !== null && wallMs - waitingSinceMs > rules.backlogMaxSeconds * 1_000
}

/**
 * Whether a write of a class with a deadline would be applied too late to count. When nobody knows
 * how fast the queue is worked off, half the time already waited is the sign.
 */
export function isTooLateToCount(
  queue: { readonly drainSeconds: number | null; readonly waitingSinceMs: number | null },
  wallMs: number,
  { countsWithinSeconds }: WriteRules,
): boolean {
  if (countsWithinSeconds === undefined) return false
  if (queue.drainSeconds !== null) return queue.drainSeconds > countsWithinSeconds
  const waitedMs = queue.waitingSinceMs === null ? 0 : wallMs - queue.waitingSinceMs
  return waitedMs > countsWithinSeconds * 500
}

/** After this long an unapplied write becomes a dead letter: a day, for an origin that is down. */
export const applyWithinMs = 24 * 3_600_000

/** With the workers' back-off, some eight minutes of an origin that fails on this very write. */
export const attemptBound = 20

/** Adding to the queue is given up after this long even if the class would wait longer. */
export const appendWithinMs = 2_000

/** Bodies held in memory at once, over all requests of this process. */
export const heldBytesMax = 64 * 1_048_576

/**
 * A turn that an edge was given ends this long after its attempt must have: clocks of machines
 * differ, and what comes after the answer takes its time too.
 */
export const leaseMarginMs = 5_000
