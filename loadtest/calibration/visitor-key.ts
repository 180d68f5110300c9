/**
 * A 48-bit hash of part of a text under a secret: enough to tell millions of visitors apart, and
 * without the secret, which is drawn anew and never written, it leads back to nobody.
 */
export function keyedHash(
  text: string,
  part: { readonly from: number; readonly to: number },
  secret: number,
): number {
  let low = (secret ^ 0x811c9dc5) | 0
  let high = (Math.floor(secret / 0x1_0000) ^ 0x9e3779b9) | 0
  for (let at = part.from; at < part.to; at += 1) {
    const code = text.charCodeAt(at)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x85ebca6b) ^ (high >>> 15)
  }
  low ^= low >>> 16
  high ^= high >>> 13
  return (low >>> 0) + (high & 0xffff) * 0x1_0000_0000
}
