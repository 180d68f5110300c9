/**
 * The value of one cookie in a `Cookie` header (RFC 6265 §5.4), or null when it is absent or comes
 * twice with different values: which one the origin takes, we cannot know.
 */
export function cookieValue(header: string | undefined, name: string): string | null {
  if (header === undefined) return null
  let found: string | null = null
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals === -1 || pair.slice(0, equals).trim() !== name) continue
    const value = pair.slice(equals + 1).trim()
    if (found !== null && found !== value) return null
    found = value
  }
  return found
}

/** A `Cookie` header without the cookies that are ours alone; null when nothing is left. */
export function withoutOurCookies(header: string): string | null {
  if (!header.includes(ourCookiePrefix)) return header
  const kept = header.split(';').filter((pair) => !pair.trim().startsWith(ourCookiePrefix))
  const text = kept.join(';').trim()
  return text === '' ? null : text
}

/** Every cookie the edge sets starts so; none of them reaches the origin. */
export const ourCookiePrefix = '__Host-ecluse-'

/** Name and value that a `Set-Cookie` line gives, or null when it deletes the cookie. */
export function cookieSet(line: string): { name: string; value: string | null } | null {
  const [pair = '', ...attributes] = line.split(';')
  const equals = pair.indexOf('=')
  if (equals <= 0) return null
  const value = pair.slice(equals + 1).trim()
  const deletes =
    value === '' || attributes.some((attribute) => /^\s*max-age\s*=\s*-?0*\s*$/i.test(attribute))
  return { name: pair.slice(0, equals).trim(), value: deletes ? null : value }
}
