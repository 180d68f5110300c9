/** The first value of a cookie in a `Cookie` field (RFC 6265 §5.4), or null. */
export function cookieValue(
  field: string | readonly string[] | undefined,
  name: string,
): string | null {
  if (field === undefined) return null
  const text = typeof field === 'string' ? field : field.join(';')
  for (const pair of text.split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim()
  }
  return null
}

/**
 * One of our cookies as a `Set-Cookie` value, first-party and out of reach of scripts; an age of
 * 0 takes it away.
 */
export function cookieLine(name: string, value: string, maxAgeSeconds: number): string {
  return `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}`
}
