/** Retries allowed for each request sent a first time. */
const retryRatio = 0.1
/** Requests without a retry earn no more than this: a quiet hour must not buy a storm. */
const savedMax = 10

/**
 * How many requests may be sent again: one for each ten that were sent once, so that all layers
 * together never ask more than 1.1 times, whatever fails (gRPC A6 and the AWS SDKs
 * begin with some saved, and exceed their ratio in the first minute). O(1).
 */
export class RetryBudget {
  private saved = 0

  /** A request is sent for the first time. */
  earn(): void {
    this.saved = Math.min(savedMax, this.saved + retryRatio)
  }

  /** May one be sent again? A yes is spent. */
  spend(): boolean {
    // Tenths do not add up exactly.
    if (this.saved < 1 - 1e-9) return false
    this.saved -= 1
    return true
  }
}
