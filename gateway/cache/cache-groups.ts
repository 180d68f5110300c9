/** RFC 9875 §2: what an implementation must support at least, and what this one takes at most. */
const maxGroups = 128
const maxNameLength = 128

// RFC 9651 §3.1, a list whose members are strings; parameters are allowed and mean nothing here.
const member =
  /[ \t]*"((?:[ !#-[\]-~]|\\["\\])*)"(?:; *[a-z*][a-z0-9_.*-]*(?:=(?:"(?:[ !#-[\]-~]|\\["\\])*"|[^ \t,;"]+))?)*[ \t]*(?:,|$)/y

/**
 * The names in `Cache-Groups` or `Cache-Group-Invalidation`; none when the field is absent, null
 * when it is malformed or names more than 128 groups, or one of more than 128 characters.
 */
export function groupNames(text: string | undefined): readonly string[] | null {
  if (text === undefined || text.trim() === '') return []
  const names = new Set<string>()
  let end = 0
  while (end < text.length) {
    member.lastIndex = end
    const found = member.exec(text)
    if (found === null) return null
    const name = (found[1] as string).replaceAll(/\\(["\\])/g, '$1')
    names.add(name)
    if (name.length > maxNameLength || names.size > maxGroups) return null
    end = member.lastIndex
  }
  // A comma must be followed by another member (RFC 9651 §4.2.1).
  return text.trimEnd().endsWith(',') ? null : [...names]
}
