import type { Policy } from './policy.ts'
import { savePolicy } from './policy-reader-store.ts'

/** The policy in force in this process, and the one before it. */
export interface PolicyHolder {
  current(): Policy
  /** Puts another policy in force, whole and at once; requests begun keep theirs. */
  swap(next: Policy): void
  /** Puts the previous policy back; false when there is none. */
  revert(): boolean
}

/** Holds one frozen policy; swapping is assigning. `lastGoodFile` keeps it over a restart. */
export function policyHolder(initial: Policy, lastGoodFile?: string): PolicyHolder {
  let current = initial
  let previous: Policy | undefined
  const put = (next: Policy): void => {
    if (lastGoodFile !== undefined) savePolicy(lastGoodFile, next)
    previous = current
    current = next
  }
  return {
    current: () => current,
    swap: put,
    revert: () => {
      if (previous === undefined) return false
      put(previous)
      return true
    },
  }
}
