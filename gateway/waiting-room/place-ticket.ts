import { cookieLine } from './cookies.ts'
import { openToken, type SigningPort, sealToken } from './signed-token.ts'

/** The cookie that holds somebody's place in the line. */
export const placeCookie = '__Host-ecluse-place'

/** What a ticket says. Its place lives in the room; a ticket without one is worth nothing. */
export interface PlaceTicket {
  readonly seq: number
  /** Which line: a restart begins a new one, and numbers of another are never honoured. */
  readonly epoch: string
  /** Unguessable, the same in the room: a ticket cannot be made from a number. */
  readonly device: string
}

/** The ticket as a `Set-Cookie` value; it outlives any wait that people bear. */
export function placeCookieLine(ticket: PlaceTicket, keys: SigningPort): string {
  const token = sealToken('place', [String(ticket.seq), ticket.epoch, ticket.device], keys)
  return cookieLine(placeCookie, token, 14_400)
}

/** The ticket in a cookie value if we signed it for this line; else null. */
export function readTicket(value: string, epoch: string, keys: SigningPort): PlaceTicket | null {
  const [seq, ticketEpoch, device, ...rest] = openToken('place', value, keys) ?? []
  if (seq === undefined || ticketEpoch !== epoch || device === undefined || rest.length > 0)
    return null
  return { seq: Number(seq), epoch, device }
}
