/** Somebody who watches or acts; every action is written down under this name. */
export interface Operator {
  readonly name: string
  readonly role: Role
}

/** `view` sees everything, `act` may change what is in force. */
export type Role = 'view' | 'act'

/** A personal token as it is kept: only its SHA-256, in hex. */
export interface OperatorToken extends Operator {
  readonly sha256: string
}

/** Who is known: people with tokens, and those a trusted single sign-on names. */
export interface KnownOperators {
  readonly tokens: readonly OperatorToken[]
  /** Users of the single sign-on who may act; the others it names may view. */
  readonly ssoActors: readonly string[]
}

/** What a request shows for itself. */
export interface Shown {
  /** SHA-256 of the bearer token, in hex; null without one. */
  readonly tokenSha256: string | null
  /** The user in the single sign-on's field; null unless it came from a trusted address. */
  readonly ssoUser: string | null
}

/** Who asks; null when nobody known does. A token that is wrong is not made good by a field. */
export function operatorOf(shown: Shown, known: KnownOperators): Operator | null {
  if (shown.tokenSha256 !== null) {
    const found = known.tokens.find(({ sha256 }) => sha256 === shown.tokenSha256)
    return found ? { name: found.name, role: found.role } : null
  }
  if (shown.ssoUser === null || !isOperatorName(shown.ssoUser)) return null
  return { name: shown.ssoUser, role: known.ssoActors.includes(shown.ssoUser) ? 'act' : 'view' }
}

/** Names that can stand in one line of an audit trail. */
export function isOperatorName(name: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N} .@'’_-]{0,63}$/u.test(name)
}
