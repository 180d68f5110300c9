import { type DeadLetterReason, keptSeconds } from './write-job.ts'

/** What becomes of a write that was taken, and whether the turn goes on with the next. */
export type Settlement = { readonly goesOn: boolean } & (
  | {
      readonly kind: 'applied'
      /** What the origin said, sealed, for a client that asks again. */
      readonly answer?: string
    }
  /** Its sender was told no by the origin itself: nothing was promised, its key is free again. */
  | { readonly kind: 'forgotten' }
  | { readonly kind: 'parked'; readonly reason: DeadLetterReason }
  /** `unseen`: the origin has certainly not seen it. */
  | { readonly kind: 'again'; readonly afterMs: number; readonly seen: 'unknown' | 'unseen' }
)

/** A write in somebody's hands; the token proves that the turn is still theirs. */
export interface HeldWrite {
  readonly mailbox: string
  readonly token: string
  readonly id: string
}

/** The parameters of `settleScript`. */
export function settleParameters(
  { mailbox, token, id }: HeldWrite,
  settlement: Settlement,
  nowMs: number,
): (string | number)[] {
  const { kind, goesOn } = settlement
  return [
    mailbox,
    token,
    id,
    kind,
    wordOf(settlement),
    kind === 'again' ? settlement.afterMs : 0,
    nowMs,
    keptSeconds,
    goesOn ? 'next' : 'end',
    kind === 'again' ? settlement.seen : '',
  ]
}

function wordOf(settlement: Settlement): string {
  if (settlement.kind === 'parked') return settlement.reason
  return settlement.kind === 'applied' ? (settlement.answer ?? '') : ''
}
