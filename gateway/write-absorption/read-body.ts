import type { RequestBody } from '../exchange.ts'

export type BodyReading =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'too-large' }
  /** It broke off: whoever sent it has left. */
  | { readonly kind: 'broken' }

/** Reads a body of at most `maxBytes`; leaves the rest of a larger one unread. */
export async function readBody(body: RequestBody | null, maxBytes: number): Promise<BodyReading> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body ?? []) {
      size += chunk.length
      if (size > maxBytes) return { kind: 'too-large' }
      chunks.push(chunk)
    }
  } catch {
    // Nothing was promised yet; the outcome `abandoned` counts it.
    return { kind: 'broken' }
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return { kind: 'whole', bytes }
}
