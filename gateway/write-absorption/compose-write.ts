import {
  fingerprintText,
  identityText,
  packPayload,
  type QueuedWrite,
  type WritePayload,
  writeId,
} from '../../queue-workers/write-job.ts'
import type { Exchange } from '../exchange.ts'
import { applyWithinMs, attemptBound, type Intake } from './intake.ts'

/** A write ready to be stored, and what its receipt will say of it. */
export interface ComposedWrite extends QueuedWrite {
  readonly key: string
  readonly bodyHash: string
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
    host: request.headers['host'] === undefined ? null : String(request.headers['host']),
    bodyHash: digest(body),
    body,
  }
  const { user } = principal
  const mailbox = parts.principalId(user)
  return {
    id: idOf({ mailbox, className, key }, digest),
    mailbox,
    // Apart from any person's pseudonym, whatever people and schools are called.
    school: parts.principalId(`school ${principal.school ?? ''}`),
    dueAtMs:
      rules.countsWithinSeconds === undefined ? null : wallAtMs + rules.countsWithinSeconds * 1_000,
    slot:
      rules.keeps === 'last'
        ? digest(JSON.stringify(['slot', className, request.method, request.target]))
        : null,
    payload: parts.seal(packPayload(payload)),
    fingerprint: digest(fingerprintText(payload)),
    key,
    bodyHash: payload.bodyHash,
    job: {
      version: 3,
      className,
      outcome: rules.outcome,
      success: rules.success,
      acceptedAtMs: wallAtMs,
      deadlineMs: wallAtMs + applyWithinMs,
      attemptBound,
      owner: parts.seal(new TextEncoder().encode(user)),
      parkAs: null,
      keyAtOrigin: null,
    },
  }
}

/** The number of a write, known before its body is. */
export function idOf(
  write: { readonly mailbox: string; readonly className: string; readonly key: string },
  digest: (data: string) => string,
): string {
  return writeId(digest(identityText(write)))
}
