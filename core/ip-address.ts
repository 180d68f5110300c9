/** An address as its eight groups of sixteen bits (RFC 4291 §2.2). */
export type AddressGroups = readonly number[]

/**
 * The groups of an address, or null when it is none. An IPv4 address is its mapped IPv6 one, so
 * that one client has one name; a zone (`%eth0`) does not count.
 */
export function addressGroups(address: string): AddressGroups | null {
  const plain = (address.split('%')[0] as string).toLowerCase()
  if (!plain.includes(':')) {
    const last = groupsOf(plain)
    return last.length === 2 && isWhole(last) ? [0, 0, 0, 0, 0, 0xffff, ...last] : null
  }
  const [head = '', tail, ...rest] = plain.split('::')
  if (rest.length > 0) return null
  const before = groupsOf(head)
  const after = tail === undefined ? [] : groupsOf(tail)
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return null
  const groups = [...before, ...Array.from({ length: missing }, () => 0), ...after]
  return isWhole(groups) ? groups : null
}

/** Is it an IPv4 address, written as such or mapped into IPv6? */
export function isIpv4(groups: AddressGroups): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
}

/** Addresses that begin with the same bits. */
export interface Network {
  readonly groups: AddressGroups
  /** How many bits of the 128 they share. */
  readonly bits: number
}

/** A network (`192.0.2.0/28`, `2001:db8::/64`) or a single address; null when it is neither. */
export function readNetwork(text: string): Network | null {
  const [address = '', length, ...rest] = text.split('/')
  const groups = addressGroups(address)
  if (groups === null || rest.length > 0) return null
  if (length === undefined) return { groups, bits: 128 }
  if (!/^\d{1,3}$/.test(length)) return null
  // A mapped range keeps its own bits: `::ffff:10.0.0.0/8` is not the whole of IPv4.
  const isBare = isIpv4(groups) && !address.includes(':')
  const bits = Number(length) + (isBare ? 96 : 0)
  return bits <= 128 ? { groups, bits } : null
}

/** Does the address begin as the network does? O(1). */
export function isWithin(address: AddressGroups, { groups, bits }: Network): boolean {
  for (let i = 0; i * 16 < bits; i += 1) {
    const unshared = 16 - Math.min(16, bits - i * 16)
    if ((address[i] as number) >> unshared !== (groups[i] as number) >> unshared) return false
  }
  return true
}

function isWhole(groups: AddressGroups): boolean {
  return groups.every((group) => group >= 0 && group <= 0xffff)
}

function groupsOf(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    const bytes = group.split('.')
    if (bytes.length === 4 && bytes.every((byte) => /^\d{1,3}$/.test(byte) && Number(byte) < 256)) {
      const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number)
      return [a * 256 + b, c * 256 + d]
    }
    return [/^[0-9a-f]{1,4}$/.test(group) ? Number.parseInt(group, 16) : Number.NaN]
  })
}
