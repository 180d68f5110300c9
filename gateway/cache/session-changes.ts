/** Sessions whose last change is remembered; of those forgotten all are taken as changed then. */
const maxSessions = 200_000

/**
 * When each session last did something that may have changed whose it is or what it sees.
 *
 * Who a request is from is known when it arrives; the portal answers for whoever the session is
 * when it gets there. Between the two the same session may log out, or become another school's on
 * a second connection, and an answer that was made for the new school would be kept for the old
 * one. Only an answer whose session was at rest all the while is surely for whom we take it to be.
 *
 * Instants are a count of changes, not of time. O(1); about 100 bytes a session.
 */
export class SessionChanges {
  #count = 0
  /** Changes before this one are forgotten. */
  #forgotten = 0
  readonly #inFlight = new Map<string, number>()
  readonly #last = new Map<string, number>()

  /** Now, for `hasChangedSince`. */
  get now(): number {
    return this.#count
  }

  /** A change is sent; it is over when the returned function is called. */
  begin(session: string): () => void {
    this.#inFlight.set(session, (this.#inFlight.get(session) ?? 0) + 1)
    this.#note(session)
    return () => {
      const left = (this.#inFlight.get(session) ?? 0) - 1
      if (left > 0) this.#inFlight.set(session, left)
      else this.#inFlight.delete(session)
      this.#note(session)
    }
  }

  /** May the session have changed since then? Nobody's session never does. */
  hasChangedSince(session: string | null, since: number): boolean {
    if (session === null) return false
    return this.#inFlight.has(session) || this.lastOf(session) > since
  }

  /** The instant of the session's last change; a number that no other change has. */
  lastOf(session: string): number {
    return this.#last.get(session) ?? this.#forgotten
  }

  #note(session: string): void {
    this.#count += 1
    this.#last.delete(session)
    this.#last.set(session, this.#count)
    if (this.#last.size <= maxSessions) return
    for (const [oldest, at] of this.#last) {
      this.#last.delete(oldest)
      this.#forgotten = at
      if (this.#last.size <= maxSessions * 0.9) return
    }
  }
}
