import type { HeaderLines } from '../exchange.ts'
import { groupNames } from './cache-groups.ts'
import { fieldsOf } from './fields.ts'
import type { StoredAnswer } from './stored-answer.ts'

/** What a purge names: every entry that bears the tag is dropped. */
export type PurgeTag = string & { readonly brand: 'purge-tag' }

/**
 * The entries of one resource (scheme, host and path), whatever their scope and query. The text
 * is the resource's own, which the entry holds anyway; the other tags begin with a word and a space.
 */
export function resourceTag(resource: string): PurgeTag {
  return resource as PurgeTag
}

/** The entries of one cache group; a group is its origin's own (RFC 9875 §2.1). */
export function groupTag(origin: string, name: string): PurgeTag {
  return `group ${origin} ${name}` as PurgeTag
}

/** The entries that only people of this school share, or groups within it. */
export function schoolTag(school: string): PurgeTag {
  return `school ${school}` as PurgeTag
}

/** Every entry that is not for everybody: of a role, a school or a group. */
export const restrictedTag = 'restricted' as PurgeTag

/** Is the entry under this key for everybody? One look at the key's first letters. */
export function isPublicKey(key: string): boolean {
  return key.startsWith('public\n')
}

/** The tags of an entry, from what it says and from the scope that its key begins with. */
export function tagsOf(
  key: string,
  entry: Pick<StoredAnswer, 'resource' | 'groups'>,
): readonly PurgeTag[] {
  const tags = [resourceTag(entry.resource)]
  if (entry.groups.length > 0) {
    const origin = originOf(entry.resource)
    for (const group of entry.groups) tags.push(groupTag(origin, group))
  }
  if (isPublicKey(key)) return tags
  tags.push(restrictedTag)
  const school = schoolOf(key.slice(0, key.indexOf('\n')))
  if (school !== null) tags.push(schoolTag(school))
  return tags
}

/**
 * What a successful unsafe request purges: its own resource (RFC 9111 §4.4) and the groups that
 * its answer names (RFC 9875 §3); a malformed field names none.
 */
export function tagsOfChange(resource: string, answerLines: HeaderLines): readonly PurgeTag[] {
  const tags = [resourceTag(resource)]
  const groups = groupNames(fieldsOf(answerLines).get('cache-group-invalidation')) ?? []
  for (const group of groups) tags.push(groupTag(originOf(resource), group))
  return tags
}

/** What an operator's order names; a URL's resource with either scheme, and without its query. */
export function tagsOfOrder(order: {
  readonly urls: readonly string[]
  readonly groups: readonly { readonly origin: string; readonly name: string }[]
  readonly schools: readonly string[]
}): readonly PurgeTag[] {
  const tags = order.urls.flatMap((url) => {
    const resource = url.replace(/[?#].*$/, '').replace(/^https?:/, '')
    return [resourceTag(`https:${resource}`), resourceTag(`http:${resource}`)]
  })
  for (const { origin, name } of order.groups) tags.push(groupTag(origin, name))
  for (const school of order.schools) tags.push(schoolTag(school))
  return tags
}

/** Scheme and authority of a resource. */
export function originOf(resource: string): string {
  const path = resource.indexOf('/', resource.indexOf('://') + 3)
  return path < 0 ? resource : resource.slice(0, path)
}

// The scopes are written by `scopeOf` in audience.ts.
function schoolOf(scope: string): string | null {
  if (scope.startsWith('school ')) return scope.slice('school '.length)
  if (scope.startsWith('group ')) return scope.slice('group '.length, scope.indexOf('\t'))
  return null
}
