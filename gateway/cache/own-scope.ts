import type { Exchange, HeaderLines } from '../exchange.ts'
import { unknownClass } from '../policy/policy.ts'

/**
 * Scope of a session's own pages as they are now, the first part of their names. `generation` is
 * the session's last change: what was kept before it has another name and is never found again.
 */
export function ownScope(sessionKey: string, generation: number): string {
  return `user ${sessionKey} ${generation}`
}

/**
 * What the key of a page is derived from: the cookie's value as the secret, never its stored hash,
 * and the page's name, so that no two pages share a key.
 */
export function sealingKey(session: string, name: string): { secret: string; info: string } {
  return { secret: session, info: `ecluse own page v1\n${name}` }
}

/** Does this class keep people's own pages, in a portal whose session identifier changes at login? */
export function keepsOwnPages({ routing, policy }: Exchange): boolean {
  return routing.routeClass.cache?.audience === 'user' && policy.session.changesAtLogin === true
}

/** May the request change what its session sees, for all that anybody has said about it? */
export function mayChangePages({ routing }: Exchange): boolean {
  return routing.routeClass === unknownClass
}

/** Does the answer say whose the session is, or give it another cookie? */
export function saysWhoseSession(lines: HeaderLines, sessionCookie: string): boolean {
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const name = lines[at]?.toLowerCase()
    if (name === 'ecluse-identity') return true
    if (name === 'set-cookie' && lines[at + 1]?.startsWith(`${sessionCookie}=`)) return true
  }
  return false
}
