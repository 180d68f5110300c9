import type { Answer, Exchange } from '../exchange.ts'
import { turnAway, wantsPage } from '../turned-away.ts'
import { isWriteId } from '../../queue-workers/write-job.ts'
import type { DurableQueue, PendingWrite } from './durable-queue.ts'
import { pendingPage, statusPage } from './receipt.ts'
import type { Spool } from './spool-client.ts'
import type { KeyPort, WriteAbsorption } from './stage.ts'

/**
 * Answers `GET /.ecluse/receipts/ID`: what became of an absorbed write. Only its owner may know,
 * after a new login as well; for everybody else it does not exist.
 */
export function buildReceiptRoute(deps: {
  readonly find: WriteAbsorption['find']
  readonly keys: Pick<KeyPort, 'open'>
}): (exchange: Exchange, id: string) => Promise<Answer> {
  return async (exchange, id) => {
    const { principal } = exchange.identity
    if (principal === null || !isWriteId(id)) return turnAway(exchange, 'receipt-unknown')
    const write = await deps.find(id)
    if (write === undefined)
      return turnAway(exchange, 'queue-unavailable', { retryAfterSeconds: 3 })
    const owner = write && deps.keys.open(write.owner)
    if (!write || !owner || new TextDecoder().decode(owner) !== principal.user) {
      return turnAway(exchange, 'receipt-unknown')
    }
    const { acceptedAtMs, status } = write
    const isPage = wantsPage(exchange)
    const text = isPage
      ? statusPage({ id, acceptedAtMs }, status)
      : JSON.stringify({ id, acceptedAtMs, status: status.kind, reason: reasonOf(status) })
    return textAnswer(text, isPage ? 'text/html; charset=utf-8' : 'application/json')
  }
}

function reasonOf(status: { readonly kind: string; readonly reason?: string }): string | null {
  return status.reason ?? null
}

/** Writes shown at most; who has more sees the oldest. */
const pendingShown = 50

/** Answers `GET /.ecluse/pending`: what the person who asks has been promised and is not applied yet. */
export function buildPendingRoute(deps: {
  readonly queue: Pick<DurableQueue, 'pending'>
  readonly spool: Pick<Spool, 'holds'> | null
  readonly keys: Pick<KeyPort, 'principalId'>
}): (exchange: Exchange) => Promise<Answer> {
  return async (exchange) => {
    const { principal } = exchange.identity
    if (principal === null) return turnAway(exchange, 'receipt-unknown')
    const mailbox = deps.keys.principalId(principal.user)
    let writes: readonly PendingWrite[]
    try {
      writes = await deps.queue.pending(mailbox, pendingShown)
    } catch {
      // Redis does not answer: nobody can say now, and the reason is counted.
      return turnAway(exchange, 'queue-unavailable', { retryAfterSeconds: 3 })
    }
    const isMore = writes.length === pendingShown || (deps.spool?.holds(mailbox) ?? false)
    const isPage = wantsPage(exchange)
    const text = isPage
      ? pendingPage(writes, isMore ? 'more' : 'all')
      : JSON.stringify({ pending: writes, isMore })
    return textAnswer(text, isPage ? 'text/html; charset=utf-8' : 'application/json')
  }
}

function textAnswer(text: string, type: string): Answer {
  const body = new TextEncoder().encode(text)
  const length = String(body.length)
  const headers = ['content-type', type, 'content-length', length, 'cache-control', 'no-store']
  return { status: 200, headers, body, outcome: { kind: 'served', from: 'edge' } }
}

/** Answers `GET /.ecluse/receipt-keys`: a JWK Set (RFC 7517 §5) for whoever verifies receipts. */
export function buildReceiptKeysRoute(published: readonly object[]): () => Promise<Answer> {
  const body = new TextEncoder().encode(JSON.stringify({ keys: published }))
  const headers = [
    'content-type',
    'application/jwk-set+json',
    'content-length',
    String(body.length),
    'cache-control',
    'public, max-age=3600',
  ]
  return async () => ({ status: 200, headers, body, outcome: { kind: 'served', from: 'edge' } })
}
