import type { Answer, Exchange } from '../exchange.ts'
import { turnAway, wantsPage } from '../turned-away.ts'
import { isWriteId } from '../../queue-workers/write-job.ts'
import { statusPage } from './receipt.ts'
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
    const body = new TextEncoder().encode(text)
    const headers = [
      'content-type',
      isPage ? 'text/html; charset=utf-8' : 'application/json',
      'content-length',
      String(body.length),
      'cache-control',
      'no-store',
    ]
    return { status: 200, headers, body, outcome: { kind: 'served', from: 'edge' } }
  }
}

function reasonOf(status: { readonly kind: string; readonly reason?: string }): string | null {
  return status.reason ?? null
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
