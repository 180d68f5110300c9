import { LatencyHistogram } from '../../core/latency-histogram.ts'
import type { AcknowledgedWrite, WriteResult } from './load-result.ts'

/** Every key this run sent and what became of it; the audit compares it with the ledger. */
export class WriteBook {
  private readonly pending = new Set<string>()
  private readonly acknowledged = new Map<string, AcknowledgedWrite>()
  private readonly saved = new LatencyHistogram()
  private readonly givenUp = new LatencyHistogram()
  private sends = 0

  get acknowledgedCount(): number {
    return this.acknowledged.size
  }

  sent(key: string): void {
    this.sends += 1
    if (!this.acknowledged.has(key)) this.pending.add(key)
  }

  /** The portal said that it has the write; once is enough, later answers change nothing. */
  confirm(write: AcknowledgedWrite): void {
    this.pending.delete(write.key)
    if (!this.acknowledged.has(write.key)) this.acknowledged.set(write.key, write)
  }

  /** A form of somebody's came to its end, `tookMs` after the first click. */
  form(end: 'saved' | 'givenUp', tookMs: number): void {
    this[end].record(tookMs)
  }

  result(): WriteResult {
    return {
      attempted: this.pending.size + this.acknowledged.size,
      sends: this.sends,
      acknowledged: [...this.acknowledged.values()],
      unconfirmed: [...this.pending],
      saved: this.saved.toJSON(),
      givenUp: this.givenUp.toJSON(),
    }
  }
}
