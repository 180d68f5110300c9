/**
 * The part of an address that one home or school holds: all of an IPv4 address, the /64 of an IPv6
 * one. An IPv4 address mapped into IPv6 is the IPv4 address: masking it would put the whole IPv4
 * internet in one bucket (CVE-2026-30827). What cannot be read is its own key.
 */
export function addressKey(address: string): string {
  const plain = (address.split('%')[0] as string).toLowerCase()
  if (!plain.includes(':')) return plain
  const groups = expand(plain)
  if (groups === null) return plain
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (isMapped) return dotted(groups[6] as number, groups[7] as number)
  const network = groups.slice(0, 4).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}

/** The eight groups of an IPv6 address (RFC 4291 §2.2), or null. */
function expand(address: string): readonly number[] | null {
  const [head = '', tail, ...rest] = address.split('::')
  if (rest.length > 0) return null
  const before = groupsOf(head)
  const after = tail === undefined ? [] : groupsOf(tail)
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return null
  const groups = [...before, ...Array.from({ length: missing }, () => 0), ...after]
  return groups.every((group) => group >= 0 && group <= 0xffff) ? groups : null
}

function groupsOf(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    const bytes = group.split('.').map(Number)
    if (bytes.length === 4 && bytes.every((byte) => byte >= 0 && byte <= 255)) {
      const [a = 0, b = 0, c = 0, d = 0] = bytes
      return [a * 256 + b, c * 256 + d]
    }
    return [/^[0-9a-f]{1,4}$/.test(group) ? Number.parseInt(group, 16) : Number.NaN]
  })
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
