import type { DeadLetterReason, WriteJob } from './write-job.ts'

/** What became of one request to the edge's internal port. */
export type Attempt =
  | {
      readonly kind: 'answered'
      readonly status: number
      /** The edge's own reason, when it is the edge that answered and not the origin. */
      readonly edgeReason: string | null
      readonly retryAfterMs: number | null
    }
  /** No byte of it left: connection refused, no such host. */
  | { readonly kind: 'not-sent' }
  /** Our own client refuses to put it on the wire. */
  | { readonly kind: 'unsendable' }
  /** Sent, or perhaps sent, and then a timeout or a reset. */
  | { readonly kind: 'no-answer' }

/** What an attempt says about the write. */
export type AttemptOutcome =
  | { readonly kind: 'applied' }
  | { readonly kind: 'dead-letter'; readonly reason: DeadLetterReason }
  /** The origin has certainly not seen it. */
  | { readonly kind: 'not-reached'; readonly retryAfterMs: number | null }
  | { readonly kind: 'unknown' }

/**
 * Reasons by which the edge says that it did not pass a request on. A closed list: whatever is not
 * in it counts as perhaps applied, so that a new reason can never cause a second effect.
 */
const notPassedOn = new Set([
  'gate-full',
  'deadline-passed',
  'draining',
  'class-closed',
  'origin-down',
  'internal-token',
])
const refusedByEdge = new Set(['target-malformed', 'body-too-large'])

/** Reads one attempt. `success` are the statuses by which this class's origin says "applied". */
export function attemptOutcome(attempt: Attempt, success: readonly number[]): AttemptOutcome {
  switch (attempt.kind) {
    case 'not-sent':
      return { kind: 'not-reached', retryAfterMs: null }
    case 'unsendable':
      return { kind: 'dead-letter', reason: 'rejected' }
    case 'no-answer':
      return { kind: 'unknown' }
    case 'answered':
      return answerOutcome(attempt, success)
  }
}

function answerOutcome(
  answer: Extract<Attempt, { kind: 'answered' }>,
  success: readonly number[],
): AttemptOutcome {
  const { status, edgeReason, retryAfterMs } = answer
  if (edgeReason !== null) {
    if (notPassedOn.has(edgeReason)) return { kind: 'not-reached', retryAfterMs }
    if (refusedByEdge.has(edgeReason)) return { kind: 'dead-letter', reason: 'rejected' }
    return { kind: 'unknown' }
  }
  if (success.includes(status)) return { kind: 'applied' }
  if (status === 401 || status === 403) return { kind: 'dead-letter', reason: 'authority-lost' }
  // Portals send people without a session to their login page, whatever was asked.
  if (status >= 300 && status < 400) return { kind: 'dead-letter', reason: 'authority-lost' }
  // RFC 6585 §4 and RFC 8470 §5.2: the request was not processed.
  if (status === 429 || status === 425) return { kind: 'not-reached', retryAfterMs }
  if (status === 408 || status >= 500) return { kind: 'unknown' }
  if (status >= 400) return { kind: 'dead-letter', reason: 'rejected' }
  // A 2xx the class does not name: a form shown again, or applied in a way nobody declared.
  return { kind: 'dead-letter', reason: 'outcome-unknown' }
}

/** `isAsked` says that the wait is the gate's wish and not our own back-off. */
export type Step =
  | { readonly kind: 'applied' }
  | { readonly kind: 'park'; readonly reason: DeadLetterReason }
  | { readonly kind: 'again'; readonly afterMs: number; readonly isAsked: boolean }

/**
 * What to do after an attempt. `tries` counts the attempts before it in this turn, `draw` is in [0, 1).
 * An unknown outcome is repeated only where the origin deduplicates. (`read-back` needs a question
 * to the origin that no class can declare yet; until then it is as careful as `neither`.)
 */
export function nextStep(
  outcome: AttemptOutcome,
  facts: {
    readonly job: Pick<WriteJob, 'outcome' | 'attemptBound'>
    /** Attempts with an unknown outcome before this one, over all turns. */
    readonly attempts: number
    readonly tries: number
    readonly draw: number
  },
): Step {
  switch (outcome.kind) {
    case 'applied':
      return outcome
    case 'dead-letter':
      return { kind: 'park', reason: outcome.reason }
    case 'not-reached': {
      const { retryAfterMs } = outcome
      if (retryAfterMs === null) return { kind: 'again', afterMs: backoffMs(facts), isAsked: false }
      return { kind: 'again', afterMs: Math.min(retryAfterMs, longestWaitMs), isAsked: true }
    }
    case 'unknown': {
      const { job, attempts } = facts
      const mayRepeat = job.outcome === 'dedupes' && attempts + 1 < job.attemptBound
      if (!mayRepeat) return { kind: 'park', reason: 'outcome-unknown' }
      return { kind: 'again', afterMs: backoffMs(facts), isAsked: false }
    }
  }
}

/** No wait is longer, so that a mailbox is looked at soon after the origin is back. */
const longestWaitMs = 30_000
const firstWaitMs = 200

/** Doubles with each try up to the longest wait; the upper half is drawn: mailboxes spread. */
function backoffMs({ tries, draw }: { readonly tries: number; readonly draw: number }): number {
  const fullMs = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(tries, 20))
  return Math.round(fullMs * (0.5 + 0.5 * draw))
}
