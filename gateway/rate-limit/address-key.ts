import { addressGroups, isIpv4 } from '../../core/ip-address.ts'

/**
 * The part of an address that one home or school holds: all of an IPv4 address, the /64 of an IPv6
 * one. An IPv4 address mapped into IPv6 is the IPv4 address: masking it would put the whole IPv4
 * internet in one bucket (CVE-2026-30827). What cannot be read is its own key.
 */
export function addressKey(address: string): string {
  const groups = addressGroups(address)
  if (groups === null) return (address.split('%')[0] as string).toLowerCase()
  if (isIpv4(groups)) return dotted(groups[6] as number, groups[7] as number)
  const network = groups.slice(0, 4).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
