/** Our name as a target: what is said to another one is not said to us. */
export const surrogateName = 'ecluse'

/** The request field that tells an origin whom it may address (Edge Architecture 1.0 §2.1). */
export const surrogateCapability = `${surrogateName}="Surrogate/1.0"`

const member =
  /[ \t]*([a-z-]+)(?:=(\d{1,15}(?:\+\d{1,15})?|"[^"]*"))?((?:[ \t]*;[ \t]*[!#$%&'*+.^_`|~0-9a-z-]+)*)[ \t]*(?:,|$)/iy

/**
 * What Surrogate-Control (W3C Edge Architecture 1.0 §2.2) says to us, in the words of
 * Cache-Control; null when it is malformed or speaks to others, and the next field counts. A
 * directive with our name as its target wins over one without.
 */
export function parseSurrogateControl(text: string): ReadonlyMap<string, string> | null {
  const general = new Map<string, string>()
  const ours = new Map<string, string>()
  member.lastIndex = 0
  while (member.lastIndex < text.length) {
    const parts = member.exec(text)
    if (!parts) return null
    const targets = (parts[3] ?? '').split(';').slice(1)
    const isOurs = targets.some((target) => target.trim().toLowerCase() === surrogateName)
    const found = isOurs ? ours : general
    if (isOurs || targets.length === 0) found.set((parts[1] ?? '').toLowerCase(), parts[2] ?? '')
  }
  const said = new Map([...general, ...ours])
  // Asks for processing that we do not do: the text is not what people should see.
  if (said.has('content')) return new Map([['no-store', '']])
  if (said.has('no-store')) return new Map([['no-store', '']])
  const [fresh, stale] = said.get('max-age')?.split('+') ?? []
  if (fresh === undefined || fresh === '') return null
  // What follows a plus is how long it may be given after that.
  const extension: [string, string][] =
    stale === undefined ? [] : [['stale-while-revalidate', stale]]
  return new Map([['max-age', fresh], ...extension])
}
