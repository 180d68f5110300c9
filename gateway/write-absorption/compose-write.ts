import {
  fingerprintText,
  identityText,
  packPayload,
  type WriteJob,
  type WritePayload,
  writeId,
} from '../../queue-workers/write-job.ts'
import type { Exchange } from '../exchange.ts'
import { applyWithinMs, attemptBound, type Intake } from './intake.ts'

/** A write ready to be stored, and what its receipt will say of it. */
export interface ComposedWrite {
  readonly id: string
  readonly fingerprint: string
  readonly key: string
  readonly bodyHash: string
  /** Pseudonym of the principal; writes under one are applied in order. */
  readonly mailbox: string
  readonly job: WriteJob
}

/** Everything that is kept of a request, so that it can be applied without its sender. */
export function composeWrite(
  exchange: Pick<Exchange, 'request' | 'routing' | 'wallAtMs'>,
  parts: {
    readonly intake: Extract<Intake, { kind: 'take' }>
    readonly body: Uint8Array
    seal(plain: Uint8Array): string
    /** The principal's pseudonym in durable stores, in hex. */
    principalId(user: string): string
    /** SHA-256 in hex. */
    digest(data: string | Uint8Array): string
  },
): ComposedWrite {
  const { body, digest } = parts
  const { key, rules, principal } = parts.intake
  const { request, wallAtMs } = exchange
  const className = exchange.routing.routeClass.name
  const contentType = request.headers['content-type']
  const payload: WritePayload = {
    user: principal.user,
    school: principal.school,
    role: principal.role,
    groups: principal.groups,
    key,
    method: request.method,
    target: request.target,
    contentType: contentType === undefined ? null : String(contentType),
    bodyHash: digest(body),
    body,
  }
  const { user } = principal
  const mailbox = parts.principalId(user)
  return {
    id: writeId(mailbox, digest(identityText({ mailbox, className, key }))),
    mailbox,
    fingerprint: digest(fingerprintText(payload)),
    key,
    bodyHash: payload.bodyHash,
    job: {
      version: 2,
      className,
      outcome: rules.outcome,
      success: rules.success,
      acceptedAtMs: wallAtMs,
      deadlineMs: wallAtMs + applyWithinMs,
      attemptBound,
      owner: parts.seal(new TextEncoder().encode(user)),
      payload: parts.seal(packPayload(payload)),
      attempts: 0,
      isApplied: false,
      parkAs: null,
      keyAtOrigin: null,
    },
  }
}
