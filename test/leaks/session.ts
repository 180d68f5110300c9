import type { Identity } from './canaries.ts'

/**
 * A session as both sides see it: the portal appends to its history when it changes hands, school
 * or role, or ends (null); the client confirms an entry when it has read the answer that said so.
 */
export interface Session {
  /** The cookie's value. */
  readonly value: string
  readonly history: (Identity | null)[]
  /** Index of the newest entry that the client knows of. */
  confirmed: number
  /** The edge's pass, when the client keeps it. */
  pass: string | null
  /** A change is on its way; another would race it, and nobody could say which came last. */
  isChanging: boolean
  /** Tags of pages that the client has a copy of. */
  readonly tags: Map<string, string>
  /** The last page that came with a tag. */
  lastTagged: string | null
}

export function newSession(value: string, identity: Identity | null): Session {
  return {
    value,
    history: [identity],
    confirmed: 0,
    pass: null,
    isChanging: false,
    tags: new Map(),
    lastTagged: null,
  }
}

/** Whose the session is by the portal's last word. */
export function currentIdentity(session: Session): Identity | null {
  return session.history.at(-1) ?? null
}

/** Everybody it may have been since `confirmed` was the client's last word. */
export function possibleIdentities(session: Session, confirmed: number): (Identity | null)[] {
  return session.history.slice(confirmed)
}
