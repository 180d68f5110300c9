import type { Clock } from '../core/clock.ts'
import type { RandomStream } from '../core/random.ts'
import { type Attempt, attemptOutcome, nextStep } from './attempt-outcome.ts'
import type { Pace } from './pace.ts'
import type { Settlement } from './settlement.ts'
import {
  type DeadLetterReason,
  unpackPayload,
  type WriteJob,
  type WritePayload,
} from './write-job.ts'

/** The first write of a mailbox in the hands of whoever has its turn. */
export interface Taken {
  /** Proves that the turn is still theirs. */
  readonly token: string
  readonly id: string
  /** Undefined when another version wrote it. */
  readonly job: WriteJob | undefined
  readonly payload: string
  /** Attempts with an unknown outcome so far. */
  readonly attempts: number
  /** Times it was put off so far. */
  readonly tries: number
  /** Somebody was about to send it, and may have; noted only where it must not be repeated. */
  readonly wasSent: boolean
  /** Times it was taken up since it was last put off; 1 is now. */
  readonly starts: number
}

/** The world as one turn needs it. */
export interface TurnPorts {
  readonly clock: Clock
  readonly random: RandomStream
  readonly pace: Pace
  /** Opens what the edge sealed, or null when no key fits. */
  open(sealed: string): Uint8Array | null
  attempt(payload: WritePayload, className: string): Promise<Attempt>
  /** Takes up the first write, marked as being sent; null when the turn is somebody else's. */
  begin(): Promise<Taken | null>
  /** Null when the turn is over. */
  settle(taken: Taken, settlement: Settlement): Promise<Taken | null>
  /** Ends early when the worker starts to drain. */
  pause(durationMs: number): Promise<void>
  isDraining(): boolean
  note(settlement: Settlement): void
}

/** Writes of one person that are applied in one turn; then the others are asked first. */
export const writesPerTurn = 16

/**
 * A turn of one mailbox: its writes one after the other, each settled before the next is taken. One
 * that has to be tried again ends the turn and waits in its mailbox, so that only the same person's
 * later writes wait with it. `released` when the worker drains and nothing was taken.
 */
export async function takeTurn(ports: TurnPorts): Promise<'over' | 'released'> {
  const { pace, clock } = ports
  await ports.pause(pace.waitMs(clock.monotonicMs()))
  if (ports.isDraining()) return 'released'
  let taken = await ports.begin()
  for (let done = 1; taken !== null; done += 1) {
    const ending = await endingOf(taken, ports)
    // Between being taken and being sent a write must not wait: who dies then leaves a doubt.
    const mayGoOn = done < writesPerTurn && pace.waitMs(clock.monotonicMs()) === 0
    const goesOn = ending.kind !== 'again' && mayGoOn && !ports.isDraining()
    const settlement: Settlement = { ...ending, goesOn }
    taken = await ports.settle(taken, settlement)
    ports.note(settlement)
  }
  return 'over'
}

type Ending = Settlement extends infer S ? (S extends unknown ? Omit<S, 'goesOn'> : never) : never

async function endingOf(taken: Taken, ports: TurnPorts): Promise<Ending> {
  const { job, attempts, tries } = taken
  if (job === undefined) return parked('unreadable')
  const refusal = reasonNotToSend(taken, job, ports.clock.wallMs())
  if (refusal !== undefined) return parked(refusal)
  const opened = ports.open(taken.payload)
  if (opened === null) return parked('unreadable')
  const written = unpackPayload(opened)
  const payload = { ...written, key: job.keyAtOrigin ?? written.key }
  const outcome = attemptOutcome(await ports.attempt(payload, job.className), job.success)
  const step = nextStep(outcome, { job, attempts, tries, draw: ports.random.next() })
  switch (step.kind) {
    case 'applied':
      return step
    case 'park':
      return parked(step.reason)
    case 'again':
      // The gate speaks for everybody: others would be turned away as well.
      if (step.isAsked) ports.pace.hold(ports.clock.monotonicMs() + step.afterMs)
      return {
        kind: 'again',
        afterMs: step.afterMs,
        seen: outcome.kind === 'unknown' ? 'unknown' : 'unseen',
      }
  }
}

function reasonNotToSend(
  taken: Taken,
  job: WriteJob,
  wallMs: number,
): DeadLetterReason | undefined {
  if (job.parkAs !== null) return job.parkAs
  // Sent before by somebody who did not live to say how it ended.
  if (taken.wasSent && job.outcome !== 'dedupes') return 'outcome-unknown'
  if (taken.starts > startsMax) return 'worker-lost'
  if (wallMs > job.deadlineMs) return 'expired'
  return undefined
}

/** A write that ends worker after worker is parked, not tried for ever. */
const startsMax = 20

function parked(reason: DeadLetterReason): Ending {
  return { kind: 'parked', reason }
}
