import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Exchange, Principal } from './exchange.ts'

/** The workers' door: loopback, token, and then the pipeline's short way to the gate. */
export function applyRoute(deps: {
  readonly token: string
  run(request: IncomingMessage, response: ServerResponse): Promise<void>
}) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    if (!isSame(String(request.headers['ecluse-internal'] ?? ''), deps.token)) {
      // The reason tells the worker that this is ours, not the origin's word about the person.
      const headers = { 'content-length': '0', 'ecluse-reason': 'internal-token' }
      response.writeHead(401, headers).end()
      return
    }
    void deps.run(request, response)
  }
}

/** The exchange as of the person whose write it is: the worker, known by its token, vouches. */
export function vouched(exchange: Exchange): Exchange {
  const field = exchange.request.headers['ecluse-apply']
  const principal = readApplyHeader(typeof field === 'string' ? field : undefined)
  exchange.identity = {
    clientAddress: exchange.request.socketAddress,
    sessionKey: null,
    principal,
    isInside: true,
  }
  return exchange
}

/** The principal in an `Ecluse-Apply` field (base64url JSON), or null when it is not one. */
function readApplyHeader(value: string | undefined): Principal | null {
  if (value === undefined) return null
  try {
    const claims: unknown = JSON.parse(Buffer.from(value, 'base64url').toString('utf8'))
    if (typeof claims !== 'object' || claims === null) return null
    const { user, school = null, role = null, groups = [] } = claims as Partial<Principal>
    return typeof user === 'string' && user !== '' ? { user, school, role, groups } : null
  } catch {
    // Not JSON: whoever sent it is not one of our workers.
    return null
  }
}

function isSame(given: string, expected: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}
