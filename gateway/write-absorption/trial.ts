import { attemptOutcome, nextStep } from '../../queue-workers/attempt-outcome.ts'
import type { Settlement } from '../../queue-workers/settlement.ts'
import { packParts, unpackParts, type WriteJob } from '../../queue-workers/write-job.ts'
import type { Answer, HeaderLines } from '../exchange.ts'

/** How a trial ends: for the write, and for whoever sent it. */
export interface TrialEnd {
  readonly settlement: Settlement
  /** The origin's answer where it is one; the receipt where the write is still to be applied. */
  readonly gives: 'answer' | 'receipt'
}

/**
 * What an answer means for a write that was stored before it was tried. Who has no receipt yet is
 * given a real answer as it is, and then nothing is kept of what the origin refused: its key is
 * free again. Who has one was promised more: a refusal becomes a dead letter.
 */
export function endOfTrial(
  answer: Pick<Answer, 'status' | 'headers' | 'outcome'>,
  facts: {
    readonly job: WriteJob
    readonly sender: 'waits' | 'has-receipt'
    /** From [0, 1), spreads who comes back. */
    readonly draw: number
  },
): TrialEnd {
  const { job, sender, draw } = facts
  const attempt = {
    kind: 'answered',
    status: answer.status,
    edgeReason: answer.outcome.kind === 'turned-away' ? answer.outcome.reason : null,
    retryAfterMs: retryAfterMs(answer.headers),
  } as const
  const outcome = attemptOutcome(attempt, job.success)
  const step = nextStep(outcome, { job, attempts: 0, tries: 0, draw })
  switch (step.kind) {
    case 'applied':
      return { settlement: { kind: 'applied', goesOn: false }, gives: 'answer' }
    case 'again': {
      const seen = outcome.kind === 'unknown' ? 'unknown' : 'unseen'
      const { afterMs } = step
      return { settlement: { kind: 'again', afterMs, seen, goesOn: false }, gives: 'receipt' }
    }
    case 'park': {
      // What may have been applied stays on the list, whatever its sender was told.
      const isKept = sender === 'has-receipt' || outcome.kind === 'unknown'
      const settlement: Settlement = isKept
        ? { kind: 'parked', reason: step.reason, goesOn: false }
        : { kind: 'forgotten', goesOn: false }
      return { settlement, gives: 'answer' }
    }
  }
}

function retryAfterMs(headers: HeaderLines): number | null {
  const seconds = Number(lineOf(headers, 'retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null
}

/** The first line of this name, given in lower case. */
export function lineOf(headers: HeaderLines, name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    if ((headers[i] as string).toLowerCase() === name) return headers[i + 1]
  }
  return undefined
}

/** Answers with a longer body are not kept: who comes back gets the receipt. */
export const keptBodyMax = 16_384

// Not what is about the connection, the session or this one moment.
const keptLines: ReadonlySet<string> = new Set([
  'content-type',
  'content-language',
  'content-location',
  'location',
  'etag',
  'last-modified',
])

/** The answer as bytes, to be sealed. */
export function keepAnswer(status: number, headers: HeaderLines, body: Uint8Array): Uint8Array {
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase()
    if (keptLines.has(name)) kept.push(name, headers[i + 1] as string)
  }
  return packParts({ status, headers: kept }, body)
}

/** The answer of `keepAnswer`, once more. */
export function keptAnswer(bytes: Uint8Array): Answer {
  const { status, headers, body } = unpackParts(bytes) as Pick<Answer, 'status' | 'headers'> & {
    readonly body: Uint8Array
  }
  const length = ['content-length', String(body.length), 'cache-control', 'no-store']
  return {
    status,
    headers: [...headers, ...length],
    body,
    outcome: { kind: 'served', from: 'edge' },
  }
}
