/** A person as the portal's directory knows them; names as in paths (`u17`, `s3`, `c40`). */
export interface Person {
  readonly user: string
  readonly school: string
  readonly classId: string
  readonly role: string
}

/** One open session: the cookie's value, its owner, and the token its forms must carry. */
export interface PortalSession {
  readonly id: string
  readonly person: Person
  lastSeenAtMs: number
  formToken: string
  formTokenAtMs: number
}

export interface SessionLimits {
  readonly idleMs: number
  /** Sessions held at once; idle ones count until they expire. */
  readonly cap: number
  readonly formTokenMs: number
  /** Makes unguessable names for sessions and tokens. */
  readonly newName: () => string
}

/**
 * The portal's sessions, in memory only: a restart logs everybody out. Kept in order of last
 * use, so that the expired ones are always at the front and forgetting them costs O(1) each.
 */
export class SessionTable {
  private readonly sessions = new Map<string, PortalSession>()
  private readonly limits: SessionLimits

  constructor(limits: SessionLimits) {
    this.limits = limits
  }

  /** A new session, or undefined when the table is full. */
  open(person: Person, nowMs: number): PortalSession | undefined {
    this.forgetExpired(nowMs)
    if (this.sessions.size >= this.limits.cap) return undefined
    const session = {
      id: this.limits.newName(),
      person,
      lastSeenAtMs: nowMs,
      formToken: this.limits.newName(),
      formTokenAtMs: nowMs,
    }
    this.sessions.set(session.id, session)
    return session
  }

  /** The live session of that name, now seen; undefined when there is none. */
  find(id: string, nowMs: number): PortalSession | undefined {
    this.forgetExpired(nowMs)
    const session = this.sessions.get(id)
    if (session === undefined) return undefined
    session.lastSeenAtMs = nowMs
    this.sessions.delete(id)
    this.sessions.set(id, session)
    return session
  }

  close(id: string): void {
    this.sessions.delete(id)
  }

  count(nowMs: number): number {
    this.forgetExpired(nowMs)
    return this.sessions.size
  }

  /** The token to put on a page now; renewed when the last one has expired. */
  formTokenOf(session: PortalSession, nowMs: number): string {
    if (!this.isTokenFresh(session, nowMs)) {
      session.formToken = this.limits.newName()
      session.formTokenAtMs = nowMs
    }
    return session.formToken
  }

  mayWrite(session: PortalSession, token: string, nowMs: number): boolean {
    return token === session.formToken && this.isTokenFresh(session, nowMs)
  }

  private isTokenFresh(session: PortalSession, nowMs: number): boolean {
    return nowMs - session.formTokenAtMs < this.limits.formTokenMs
  }

  private forgetExpired(nowMs: number): void {
    for (const session of this.sessions.values()) {
      if (nowMs - session.lastSeenAtMs < this.limits.idleMs) return
      this.sessions.delete(session.id)
    }
  }
}
