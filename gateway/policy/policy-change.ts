import type { Policy } from './policy.ts'

/** Which change of the policy is in force somewhere: of two, the later one wins everywhere. */
export interface PolicyStamp {
  readonly version: number
  /** When it was made, ms since 1970; 0 for a document that a process started with. */
  readonly atMs: number
}

/** A policy that was put in force, as the processes of one edge tell each other. */
export interface PolicyChange extends PolicyStamp {
  readonly policy: Policy
  /** The process where it was done, and who did it. */
  readonly from: string
  readonly by: string
}

/**
 * Versions rise with every change. Two of one version were made at the same moment in two
 * processes, or while these could not hear each other: the later one stays.
 */
export function isLater(a: PolicyStamp, b: PolicyStamp): boolean {
  return a.version === b.version ? a.atMs > b.atMs : a.version > b.version
}

/** The policy that puts the content of `before` back in force after `current`. */
export function revertedPolicy(current: Policy, before: Policy): Policy {
  return Object.freeze({ ...before, version: current.version + 1 })
}

/** Why `next` cannot follow `current`, or undefined; the same document again may. */
export function followingProblem(current: Policy, next: Policy): string | undefined {
  if (next.version > current.version || isSame(current, next)) return undefined
  return (
    `version: expected more than ${current.version}, which is in force, found ${next.version}; ` +
    'look at what changed meanwhile (ecluse policy diff), then raise it'
  )
}

/** Do two documents say the same, in whatever order they were written? */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [left, right] = [a, b] as Record<string, unknown>[]
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((key) => isSame(left?.[key], right?.[key]))
}
