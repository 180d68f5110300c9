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
    const raw = lines[i] as string
    const value = lines[i + 1] as string
    const harmless = harmlessNames.get(raw)
    const name = harmless ?? raw.toLowerCase()
    if (named.has(name) || !fieldValue.test(value)) continue
    if (harmless !== undefined || mayBeSent(name)) kept.push(name, value)
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
  let named: Set<string> | undefined
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] as string
    if (name.length !== connectionLength || name.toLowerCase() !== 'connection') continue
    const options = (lines[i + 1] as string).toLowerCase()
    if (options === 'keep-alive' || options === 'close') continue
    named ??= new Set()
    for (const option of options.split(',')) named.add(option.trim())
  }
  if (named === undefined) return nothing
  named.delete('content-length')
  named.delete('host')
  return named
}

const connectionLength = 'connection'.length
const nothing: ReadonlySet<string> = new Set()

function mayBeSent(name: string): boolean {
  if (name === 'host' || name === 'cookie' || hopByHop.has(name) || rebuilt.has(name)) return false
  return !name.startsWith('ecluse-') && token.test(name)
}

/** What browsers send with every request, in both spellings, with the name that is sent on. */
const harmlessNames: ReadonlyMap<string, string> = new Map(
  [
    'accept',
    'accept-encoding',
    'accept-language',
    'cache-control',
    'if-modified-since',
    'if-none-match',
    'origin',
    'priority',
    'referer',
    'sec-ch-ua',
    'sec-ch-ua-mobile',
    'sec-ch-ua-platform',
    'sec-fetch-dest',
    'sec-fetch-mode',
    'sec-fetch-site',
    'sec-fetch-user',
    'upgrade-insecure-requests',
    'user-agent',
  ].flatMap((name) => [
    [name, name] as const,
    [name.replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase()), name] as const,
  ]),
)

const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
// RFC 9110 §5.5: visible ASCII, obs-text, space and tab.
const fieldValue = /^[\t\u0020-\u007e\u0080-\u00ff]*$/

// RFC 7239 §4 and §6: an IPv6 node is quoted and bracketed.
function forwardedElement({ clientAddress, host, scheme }: ForwardingFacts): string {
  const node = clientAddress.includes(':') ? `"[${clientAddress}]"` : clientAddress
  return `for=${node};host="${host.replaceAll(/["\\]/g, '')}";proto=${scheme}`
}
