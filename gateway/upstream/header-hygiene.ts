import type { HeaderLines } from '../exchange.ts'

/**
 * RFC 9110 §7.6.1: fields about one connection end there, and so do those that `Connection` names.
 * `expect` is answered by the edge; the proxy's own credentials are nobody else's.
 */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'http2-settings',
  'proxy-authenticate',
  'proxy-authorization',
])

/** What the edge writes itself; a client's own word for these never reaches the origin. */
const rebuilt: ReadonlySet<string> = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-real-ip',
  'x-original-url',
  'x-rewrite-url',
])

/** Fields by which an origin that knows us speaks to the edge; everything else of ours is dropped. */
const fromOrigin: ReadonlySet<string> = new Set([
  'ecluse-identity',
  'ecluse-cache-control',
  'ecluse-audience',
])

/** What the edge knows of the client and says to the origin. */
export interface ForwardingFacts {
  readonly clientAddress: string
  readonly host: string
  readonly scheme: 'http' | 'https'
  /** The Cookie field without our own cookies, or null. */
  readonly cookie: string | null
  /** Lines of ours to the origin: deadline, attempt, assertion. */
  readonly added: HeaderLines
}

/**
 * The header lines to send to the origin. A name or value that is not a legal field (RFC 9110 §5.5)
 * is dropped: undici would refuse the request, and a refused request costs a capped pool one
 * connection for good.
 */
export function requestHeaders(lines: HeaderLines, facts: ForwardingFacts): string[] {
  const named = namedByConnection(lines)
  const kept: string[] = []
  for (let i = 0; i < lines.length; i += 2) {
    const name = (lines[i] as string).toLowerCase()
    const value = lines[i + 1] as string
    if (isKept(name, named) && !rebuilt.has(name) && isField(name, value)) kept.push(name, value)
  }
  kept.push(
    'host',
    facts.host,
    'x-forwarded-for',
    facts.clientAddress,
    'x-forwarded-host',
    facts.host,
    'x-forwarded-proto',
    facts.scheme,
    'forwarded',
    forwardedElement(facts),
    ...facts.added,
  )
  if (facts.cookie !== null) kept.push('cookie', facts.cookie)
  return kept
}

/** The header lines of the origin's answer that may go on; repetitions and order are kept. */
export function answerHeaders(lines: HeaderLines): string[] {
  const named = namedByConnection(lines)
  const kept: string[] = []
  for (let i = 0; i < lines.length; i += 2) {
    const name = (lines[i] as string).toLowerCase()
    if (hopByHop.has(name) || named.has(name)) continue
    if (name.startsWith('ecluse-') && !fromOrigin.has(name)) continue
    kept.push(name, lines[i + 1] as string)
  }
  return kept
}

// `content-length` frames the body that follows and must not be removed by a client's Connection.
function namedByConnection(lines: HeaderLines): ReadonlySet<string> {
  const named = new Set<string>()
  for (let i = 0; i < lines.length; i += 2) {
    if ((lines[i] as string).toLowerCase() !== 'connection') continue
    for (const name of (lines[i + 1] as string).split(',')) named.add(name.trim().toLowerCase())
  }
  named.delete('content-length')
  named.delete('host')
  return named
}

function isKept(name: string, named: ReadonlySet<string>): boolean {
  if (name === 'host' || name === 'cookie') return false
  return !hopByHop.has(name) && !named.has(name) && !name.startsWith('ecluse-')
}

function isField(name: string, value: string): boolean {
  return token.test(name) && fieldValue.test(value)
}

const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
// RFC 9110 §5.5: visible ASCII, obs-text, space and tab.
const fieldValue = /^[\t\u0020-\u007e\u0080-\u00ff]*$/

// RFC 7239 §4 and §6: an IPv6 node is quoted and bracketed.
function forwardedElement({ clientAddress, host, scheme }: ForwardingFacts): string {
  const node = clientAddress.includes(':') ? `"[${clientAddress}]"` : clientAddress
  return `for=${node};host="${host.replaceAll(/["\\]/g, '')}";proto=${scheme}`
}
