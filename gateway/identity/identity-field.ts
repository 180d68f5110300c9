import type { Principal } from '../exchange.ts'

/** One member of a parsed structured dictionary: its value, bare or as a list. */
export type DictionaryMembers = ReadonlyMap<string, unknown>

/**
 * What the origin's `Ecluse-Identity` field says about a session: who it belongs to now, that it
 * belongs to nobody any more (`?0`), or nothing we understand, which changes nothing.
 */
export type IdentityStatement =
  | { readonly kind: 'bound'; readonly principal: Principal }
  | { readonly kind: 'ended' }
  | { readonly kind: 'malformed' }

/** Reads the dictionary `user="…", school="…", role="…", groups=("…" "…")`; `user` is required. */
export function identityStatement(members: DictionaryMembers): IdentityStatement {
  const user = text(members.get('user'))
  if (user === null) return { kind: 'malformed' }
  const groups = members.get('groups')
  return {
    kind: 'bound',
    principal: Object.freeze({
      user,
      school: text(members.get('school')),
      role: text(members.get('role')),
      groups: Array.isArray(groups) ? groups.map(text).filter((group) => group !== null) : [],
    }),
  }
}

// An empty text names nobody; a very long one was not meant for a key.
function text(value: unknown): string | null {
  return typeof value === 'string' && value.length > 0 && value.length <= 128 ? value : null
}
