import type { Principal } from '../exchange.ts'
import type { Audience } from '../policy/policy.ts'

const audiences: readonly Audience[] = ['public', 'role', 'school', 'group', 'user']

/** The audience an origin's field names, or null when it names none we know. */
export function audienceNamed(text: string): Audience | null {
  return audiences.find((audience) => audience === text.trim()) ?? null
}

/**
 * The people who are in both audiences. Two that overlap without one holding the other (a role
 * and a school) give `user`: nobody else is surely in both.
 */
export function narrower(one: Audience, other: Audience): Audience {
  if (one === other || other === 'public') return one
  if (one === 'public') return other
  const both = new Set([one, other])
  return both.has('school') && both.has('group') ? 'group' : 'user'
}

/**
 * Who shares an answer, as the first part of a key; null when the asker is not known to belong.
 * A role is alike in every school. A group's answer belongs to the groups that the path names
 * and the asker is a member of: a path that names none of theirs is not theirs to share.
 */
export function scopeOf(
  audience: Audience,
  asker: {
    readonly principal: Principal | null
    readonly path: string
    /** Where the asker's own pages are kept; null when they are not. */
    readonly ownScope: string | null
  },
): string | null {
  const { principal, path } = asker
  switch (audience) {
    case 'public':
      return 'public'
    case 'role':
      return principal?.role ? `role ${principal.role}` : null
    case 'school':
      return principal?.school ? `school ${principal.school}` : null
    case 'group': {
      if (!principal) return null
      const named = path.split('/').filter((segment) => principal.groups.includes(segment))
      // Groups are named within a school.
      return named.length > 0 ? `group ${principal.school ?? ''}\t${named.join('\t')}` : null
    }
    case 'user':
      return asker.ownScope
  }
}
