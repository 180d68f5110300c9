import type { Session } from './session.ts'

/** One request of one person, and what was known when it was sent. */
export interface Ask {
  readonly id: number
  readonly user: string
  readonly method: string
  readonly target: string
  readonly bytes: string
  /** Null when it carries no session that the portal knows. */
  readonly session: Session | null
  /** The newest entry of the session's history that the client knew of. */
  readonly confirmed: number
  readonly change: 'login' | 'logout' | 'switch' | null
  readonly language: string
  readonly host: string
  /** It says two things at once, so that its own language is not sure. */
  readonly isAmbiguous: boolean
}
