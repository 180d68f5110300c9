import type { Answer, Exchange } from './exchange.ts'
import { type Reason, reasons } from './outcome.ts'

export interface TurnAwayDetails {
  /** When to come back; spread over once to twice this value, so that nobody returns together. */
  readonly retryAfterSeconds?: number
  readonly headers?: readonly string[]
  /** The page to show instead of the plain one, for people who navigate. */
  readonly html?: string
}

/**
 * The answer to somebody who does not get what they asked for: problem details (RFC 9457) for
 * programs, a small accessible page for people, never stored by anybody (`no-store`).
 */
export function turnAway(
  exchange: Exchange,
  reason: Reason,
  details: TurnAwayDetails = {},
): Answer {
  const { status } = reasons[reason]
  const isPage = wantsPage(exchange)
  const text = isPage ? (details.html ?? plainPage(reason)) : problem(reason)
  const body = encoder.encode(text)
  const headers = [
    'content-type',
    isPage ? 'text/html; charset=utf-8' : 'application/problem+json',
    'content-length',
    String(body.length),
    'cache-control',
    'no-store',
    'ecluse-reason',
    reason,
    ...(details.headers ?? []),
  ]
  if (details.retryAfterSeconds !== undefined) {
    headers.push('retry-after', String(retryAfter(details.retryAfterSeconds, exchange.jitter)))
  }
  return { status, headers, body, outcome: { kind: 'turned-away', reason } }
}

/** Whole seconds between `base` and twice it, at least one; `jitter` is in [0, 1). */
export function retryAfter(baseSeconds: number, jitter: number): number {
  return Math.max(1, Math.ceil(baseSeconds * (1 + jitter)))
}

/** People navigate and ask for HTML first; scripts, frames and apps do not. */
export function wantsPage(exchange: Exchange): boolean {
  const { headers } = exchange.request
  const destination = headers['sec-fetch-dest']
  if (destination !== undefined && destination !== 'document') return false
  return String(headers['accept'] ?? '').includes('text/html')
}

const encoder = new TextEncoder()

function problem(reason: Reason): string {
  const { status, en } = reasons[reason]
  return JSON.stringify({ type: `urn:ecluse:reason:${reason}`, title: en, status, reason })
}

function plainPage(reason: Reason): string {
  const { fr, en } = reasons[reason]
  return `<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>${fr}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root{color-scheme:light dark;font:1.125rem/1.6 system-ui,sans-serif}
body{max-width:36rem;margin:12vh auto;padding:0 1.25rem}
h1{font-size:1.5rem;line-height:1.3}
[lang=en]{opacity:.85}
</style></head>
<body><main><h1>${fr}</h1>
<p>Vous pouvez réessayer dans un moment. Recharger la page plus souvent n’aide pas.</p>
<p lang="en">${en} You can try again in a moment; reloading more often does not help.</p>
</main></body></html>
`
}
