/** Attempts in all; the budget holds long before most requests come here. */
const attemptsMax = 3
/** The second attempt waits up to this long, the third twice as long: nobody comes back together. */
const backoffMs = 50
/** With less time left an answer would come too late. */
const worthwhileMs = 250

/** What one attempt came to, and whether it may be made again. */
export interface Failed {
  /** How it failed. */
  readonly code: string | undefined
  readonly method: string
  readonly hasBody: boolean
  /** 1 for the first. */
  readonly attempt: number
  /** Until nobody wants the answer. */
  readonly leftMs: number
}

/**
 * How long to wait before the request is sent again, or null when it must not be. Only a GET or
 * HEAD whose connection failed before the first byte of an answer: the origin may have done
 * anything else, and an answer, also 503, is its word that it is there. `jitter` is in [0, 1).
 */
export function retryAfterMs(failed: Failed, jitter: number): number | null {
  if (failed.code !== 'origin-unreachable') return null
  if ((failed.method !== 'GET' && failed.method !== 'HEAD') || failed.hasBody) return null
  if (failed.attempt >= attemptsMax) return null
  const waitMs = backoffMs * failed.attempt * jitter
  return failed.leftMs - waitMs < worthwhileMs ? null : waitMs
}
