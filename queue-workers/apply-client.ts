import { errors, Pool } from 'undici'
import type { Attempt } from './attempt-outcome.ts'
import type { WritePayload } from './write-job.ts'

export interface ApplyClient {
  /** Sends the write to the edge once; never rejects. */
  apply(payload: WritePayload, className: string): Promise<Attempt>
  close(): Promise<void>
}

/** Sends absorbed writes to the edge's internal port, which passes them through its gate. */
export function applyClient(settings: {
  readonly internalUrl: string
  readonly token: string
  /** At least as many as attempts at once: nothing waits inside the pool. */
  readonly connections: number
  readonly timeoutMs: number
}): ApplyClient {
  const pool = new Pool(settings.internalUrl, {
    connections: settings.connections,
    allowH2: false,
    connect: { timeout: Math.min(settings.timeoutMs, 2_000) },
    // Shorter than the edge keeps them: a connection that closes under a request leaves its
    // outcome unknown.
    keepAliveTimeout: 1_000,
  })
  return {
    apply: async (payload, className) => {
      try {
        const answer = await pool.request({
          method: payload.method,
          path: payload.target,
          headers: headersOf(payload, { className, token: settings.token }),
          body: payload.body,
          signal: AbortSignal.timeout(settings.timeoutMs),
        })
        // The status decides; a body that breaks off later changes nothing.
        answer.body.dump({ limit: 65_536 }).catch(() => undefined)
        return {
          kind: 'answered',
          status: answer.statusCode,
          edgeReason: one(answer.headers['ecluse-reason']),
          retryAfterMs: retryAfterMs(one(answer.headers['retry-after'])),
        }
      } catch (error) {
        return failedAttempt(error)
      }
    },
    close: () => pool.destroy(),
  }
}

function headersOf(
  payload: WritePayload,
  { className, token }: { readonly className: string; readonly token: string },
): Record<string, string> {
  const { user, school, role, groups, key, contentType, host } = payload
  const apply = JSON.stringify({ user, school, role, groups, key, className })
  return {
    'ecluse-internal': token,
    'ecluse-apply': Buffer.from(apply).toString('base64url'),
    'idempotency-key': key,
    ...(contentType !== null && { 'content-type': contentType }),
    ...(host && { host }),
  }
}

/** Codes with which a connection fails before a request can be on it. */
const beforeSending = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function failedAttempt(error: unknown): Attempt {
  if (error instanceof errors.InvalidArgumentError) return { kind: 'unsendable' }
  const code = (error as { code?: string }).code ?? ''
  return { kind: beforeSending.has(code) ? 'not-sent' : 'no-answer' }
}

/** The edge sends whole seconds; a date or nonsense counts as absent. */
function retryAfterMs(value: string | null): number | null {
  return value !== null && /^\d{1,6}$/.test(value) ? Number(value) * 1_000 : null
}

function one(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null
}
