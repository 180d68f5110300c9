import type { Clock } from '../core/clock.ts'
import type { RandomStream } from '../core/random.ts'
import { type Attempt, attemptOutcome, nextStep } from './attempt-outcome.ts'
import type { Pace } from './pace.ts'
import {
  type DeadLetterReason,
  unpackPayload,
  type WriteJob,
  type WritePayload,
} from './write-job.ts'

/** The world as one turn needs it. */
export interface TurnPorts {
  readonly clock: Clock
  readonly random: RandomStream
  readonly pace: Pace
  /** Opens what the edge sealed, or null when no key fits. */
  open(sealed: string): Uint8Array | null
  attempt(payload: WritePayload, className: string): Promise<Attempt>
  /** Notes durably that this write is being sent; false when that was noted before. */
  claim(id: string): Promise<boolean>
  /** Takes the note back: it is certain that the origin has not seen the write. */
  unclaim(id: string): Promise<void>
  saveAttempts(attempts: number): Promise<void>
  /** Ends early when the worker starts to drain. */
  pause(durationMs: number): Promise<void>
  isDraining(): boolean
  noteRetry(): void
}

export type TurnEnd =
  | { readonly kind: 'applied' }
  | { readonly kind: 'parked'; readonly reason: DeadLetterReason }
  /** Neither applied nor given up: back to the head of its lane. */
  | { readonly kind: 'released' }

/**
 * Applies one write, trying again for as long as that is safe, useful and within its bounds. The
 * turn keeps its lane meanwhile: later writes of the same people must not overtake.
 */
export async function takeTurn(id: string, job: WriteJob, ports: TurnPorts): Promise<TurnEnd> {
  // The write was applied and the worker ended before the queue knew; it is not sent again.
  if (job.isApplied) return { kind: 'applied' }
  if (job.parkAs !== null) return parked(job.parkAs)
  const opened = ports.open(job.payload)
  if (opened === null) return parked('unreadable')
  const written = unpackPayload(opened)
  const payload = { ...written, key: job.keyAtOrigin ?? written.key }
  let { attempts } = job
  for (let tries = 0; ; tries += 1) {
    const sent = await sendInTurn(id, { job, payload, ports })
    if (sent.kind !== 'sent') return sent
    const outcome = attemptOutcome(sent.attempt, job.success)
    const step = nextStep(outcome, { job, attempts, tries, draw: ports.random.next() })
    if (step.kind === 'applied') return step
    if (step.kind === 'park') return parked(step.reason)
    ports.noteRetry()
    if (outcome.kind === 'unknown') {
      attempts += 1
      await ports.saveAttempts(attempts)
    } else if (!mayRepeat(job)) await ports.unclaim(id)
    // The gate speaks for everybody: the other lanes would be turned away as well.
    if (step.isAsked) ports.pace.hold(ports.clock.monotonicMs() + step.afterMs)
    await ports.pause(step.afterMs)
  }
}

interface Turn {
  readonly job: WriteJob
  readonly payload: WritePayload
  readonly ports: TurnPorts
}

type Sending = { readonly kind: 'sent'; readonly attempt: Attempt } | TurnEnd

async function sendInTurn(id: string, turn: Turn): Promise<Sending> {
  const { pace, clock } = turn.ports
  await turn.ports.pause(pace.waitMs(clock.monotonicMs()))
  await pace.enter()
  try {
    return await send(id, turn)
  } finally {
    pace.leave()
  }
}

/** Bounds are looked at last, once the slot is there: waiting for it may have taken long. */
async function send(id: string, { job, payload, ports }: Turn): Promise<Sending> {
  if (ports.isDraining()) return { kind: 'released' }
  if (ports.clock.wallMs() > job.deadlineMs) return parked('expired')
  // Sent before by somebody who did not live to say how it ended.
  if (!mayRepeat(job) && !(await ports.claim(id))) return parked('outcome-unknown')
  return { kind: 'sent', attempt: await ports.attempt(payload, job.className) }
}

function mayRepeat(job: WriteJob): boolean {
  return job.outcome === 'dedupes'
}

function parked(reason: DeadLetterReason): TurnEnd {
  return { kind: 'parked', reason }
}
