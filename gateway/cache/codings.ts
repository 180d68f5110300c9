/** The sets of content codings we tell apart; every client falls in one. */
export type CodingSet = 'br-gzip' | 'gzip' | 'identity'

/** What is asked of the origin for each set, so that its answer fits every client of the set. */
export const acceptEncoding: Readonly<Record<CodingSet, string>> = {
  'br-gzip': 'br, gzip',
  gzip: 'gzip',
  identity: 'identity',
}

/** The set a client's Accept-Encoding falls in. `*` promises nothing we would use. */
export function codingSetOf(acceptEncodingText: string): CodingSet {
  let hasGzip = false
  let hasBrotli = false
  for (const member of acceptEncodingText.split(',')) {
    const [name = '', ...parameters] = member.split(';')
    if (parameters.some(isRefusal)) continue
    const coding = name.trim().toLowerCase()
    if (coding === 'gzip') hasGzip = true
    if (coding === 'br') hasBrotli = true
  }
  if (!hasGzip) return 'identity'
  return hasBrotli ? 'br-gzip' : 'gzip'
}

/** May an answer in this coding be given to every client of the set? */
export function fitsCodingSet(contentEncoding: string | undefined, set: CodingSet): boolean {
  const coding = contentEncoding?.trim().toLowerCase() ?? 'identity'
  if (coding === 'identity') return true
  if (coding === 'gzip') return set !== 'identity'
  return coding === 'br' && set === 'br-gzip'
}

function isRefusal(parameter: string): boolean {
  const [name = '', value = ''] = parameter.split('=')
  return name.trim().toLowerCase() === 'q' && !(Number(value.trim()) > 0)
}
