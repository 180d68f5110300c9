/** What a request gets of a whole body (RFC 9110 §14.2). Positions are inclusive. */
export type Part =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly first: number; readonly last: number }
  | { readonly kind: 'unsatisfiable' }

const whole: Part = Object.freeze({ kind: 'whole' })

/**
 * One range of bytes. Several, another unit and what is malformed are answered whole, as a server
 * without ranges would: always right, and no way to ask for the same bytes a thousand times.
 */
export function partOf(range: string, length: number): Part {
  const parts = /^bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))$/i.exec(range.trim())
  if (!parts) return whole
  const [, from, to, suffix] = parts
  if (suffix !== undefined) {
    const bytes = Math.min(Number(suffix), length)
    return bytes === 0
      ? { kind: 'unsatisfiable' }
      : { kind: 'part', first: length - bytes, last: length - 1 }
  }
  const first = Number(from)
  const last = to === '' ? Number.POSITIVE_INFINITY : Number(to)
  if (last < first) return whole
  if (first >= length) return { kind: 'unsatisfiable' }
  return { kind: 'part', first, last: Math.min(last, length - 1) }
}
