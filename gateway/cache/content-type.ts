// What people do not write pages under.
const ofFiles =
  /\.(?:css|m?js|png|jpe?g|gif|svg|webp|avif|ico|bmp|woff2?|ttf|otf|eot|mp[34]|webm|og[gv]|wav|pdf|zip)$/i

/**
 * Is the type of an answer at odds with its path or with what its class may hold? A page under
 * the name of a file is how somebody's own page is made to look public (web cache deception).
 */
export function isOutOfPlace(facts: {
  readonly path: string
  /** The Content-Type field as it came. */
  readonly type: string | undefined
  /** Types the class holds, `image/*` for a whole kind; absent: any. */
  readonly allowed: readonly string[] | undefined
}): boolean {
  const type = (facts.type ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const isPage = type === 'text/html' || type === 'application/xhtml+xml'
  if (isPage && ofFiles.test(facts.path)) return true
  return facts.allowed !== undefined && !facts.allowed.some((one) => isOfKind(type, one))
}

function isOfKind(type: string, pattern: string): boolean {
  if (pattern.endsWith('/*')) return type.startsWith(pattern.slice(0, -1))
  return type === pattern
}
