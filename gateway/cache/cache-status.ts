import type { MonotonicMs } from '../../core/clock.ts'
import type { CacheFacts, Exchange } from '../exchange.ts'
import type { Timeline } from './freshness.ts'

/** How the cache handled a request, as parameters of Cache-Status (RFC 9211 §2). */
export type Handling =
  | { readonly kind: 'hit'; readonly entry: Timeline; readonly nowMs: MonotonicMs }
  | {
      readonly kind: 'forwarded'
      readonly why: 'bypass' | 'method' | 'uri-miss' | 'stale'
      readonly status?: number
      readonly isStored?: boolean
      readonly isCollapsed?: boolean
      /** A token of ours. */
      readonly detail?: string
    }

/** Writes the handling down, for later stages and for the client. */
export function recordHandling(exchange: Exchange, handling: Handling): void {
  const facts: CacheFacts = { status: parametersOf(handling) }
  exchange.cache = facts
  exchange.addedHeaders.push('Cache-Status', `ecluse; ${facts.status}`)
}

function parametersOf(handling: Handling): string {
  switch (handling.kind) {
    case 'hit':
      // Below zero for a stale one (RFC 9211 §2.4).
      return `hit; ttl=${Math.floor((handling.entry.freshUntilMs - handling.nowMs) / 1000)}`
    case 'forwarded': {
      const parts = [`fwd=${handling.why}`]
      if (handling.status !== undefined) parts.push(`fwd-status=${handling.status}`)
      if (handling.isStored) parts.push('stored')
      if (handling.isCollapsed) parts.push('collapsed')
      if (handling.detail !== undefined) parts.push(`detail=${handling.detail}`)
      return parts.join('; ')
    }
  }
}
