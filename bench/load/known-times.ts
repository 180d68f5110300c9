/** The server of the accuracy row: every answer takes this long, */
export const serviceMs = 200
/** but what falls due in the first second of every ten is held until that second is over. */
export const stallMs = 1_000
export const stallEveryMs = 10_000

/**
 * What somebody who comes at any time waits, exactly: `ratio` of evenly spread arrivals wait at
 * most this. Those due in a stall wait between the service time and that plus the stall.
 */
export function trueQuantileMs(ratio: number): number {
  const heldShare = stallMs / stallEveryMs
  const beyond = 1 - ratio
  return serviceMs + (beyond >= heldShare ? 0 : stallMs * (1 - beyond / heldShare))
}
