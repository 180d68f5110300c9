import type { Session } from '../schedule/session.ts'

/** A canary in an answer that belongs to somebody else; says what kind, never whose. */
export interface ForeignCanary {
  readonly scope: 'user' | 'class' | 'school' | 'role'
}

type Reader = Pick<Session, 'account' | 'classId' | 'school' | 'role'>

/** The canaries in `text` that the reader should never have seen. O(length). */
export function foreignCanaries(text: string, reader: Reader): readonly ForeignCanary[] {
  // Most of the work of a run: the substring search is far cheaper than the expression.
  if (!text.includes('canary-')) return none
  let found: ForeignCanary[] | undefined
  for (const [, letter, owner] of text.matchAll(/canary-(u|c|s|r)-?([a-z0-9]+)-x/g)) {
    const scope = scopes[letter as keyof typeof scopes]
    if (owner !== ownOf(scope, reader)) (found ??= []).push({ scope })
  }
  return found ?? none
}

const none: readonly ForeignCanary[] = []
const scopes = { u: 'user', c: 'class', s: 'school', r: 'role' } as const

function ownOf(scope: ForeignCanary['scope'], reader: Reader): string {
  switch (scope) {
    case 'user':
      return String(reader.account)
    case 'class':
      return String(reader.classId)
    case 'school':
      return String(reader.school)
    case 'role':
      return reader.role
  }
}
