/** What the front of the edge saw of where a request comes from. */
export interface AddressFacts {
  readonly socketAddress: string
  /** `X-Forwarded-For`, all its lines joined; read only as far as hops are trusted. */
  readonly forwardedFor: string | undefined
  /** How many proxies of ours stand in front; 0 believes the socket alone. */
  readonly trustedHops: number
}

/**
 * The client's address over trusted hops only: with n hops it is the n-th entry from the right,
 * because each hop appends the address it saw. What stands further left was written by strangers.
 * A missing or malformed entry falls back to the socket, never to a stranger's word.
 */
export function clientAddress({ socketAddress, forwardedFor, trustedHops }: AddressFacts): string {
  const socket = unmapped(socketAddress)
  if (trustedHops === 0 || forwardedFor === undefined) return socket
  const entries = forwardedFor.split(',')
  const entry = entries.at(-trustedHops)?.trim()
  return entry !== undefined && addressForm.test(entry) ? unmapped(entry) : socket
}

/** `::ffff:10.0.0.1` is 10.0.0.1: one client must not have two names. */
export function unmapped(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

const addressForm = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{2,39}(?:\d{1,3}(?:\.\d{1,3}){3})?)$/i
