import { effectivePolicy, type Policy } from './policy.ts'
import { savePolicy } from './policy-reader-store.ts'

/** The policy in force in this process, and the one before it. */
export interface PolicyHolder {
  /** What decides, bypass considered. The same object until the next swap. */
  current(): Policy
  /** The document as it was put in force. */
  written(): Policy
  /** Puts another policy in force, whole and at once; requests begun keep theirs. */
  swap(next: Policy): void
  /** What was in force before, or undefined. */
  before(): Policy | undefined
}

/** Holds one frozen policy; swapping is assigning. `lastGoodFile` keeps it over a restart. */
export function policyHolder(initial: Policy, lastGoodFile?: string): PolicyHolder {
  let written = initial
  let current = effectivePolicy(initial)
  let previous: Policy | undefined
  const put = (next: Policy): void => {
    if (lastGoodFile !== undefined) savePolicy(lastGoodFile, next)
    previous = written
    written = next
    current = effectivePolicy(next)
  }
  return {
    current: () => current,
    written: () => written,
    swap: put,
    before: () => previous,
  }
}
