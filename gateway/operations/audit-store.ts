import { appendFileSync } from 'node:fs'
import type { Clock } from '../../core/clock.ts'
import type { Operator } from '../keys/operators.ts'

/** One action of an operator, as the live page shows it and the file keeps it. */
export interface AuditLine {
  /** ISO 8601, UTC. */
  readonly at: string
  readonly who: string
  readonly did: string
}

/**
 * Writes down what operators do: on standard error, in `file` when there is one, and to whoever
 * watches. An action that cannot be written down is said so, and stands: it has been done.
 */
export function auditTrail(facts: {
  readonly clock: Clock
  readonly file: string | undefined
  log(line: string): void
  show(line: AuditLine): void
}): (did: string, by: Operator | null) => void {
  return (did, by) => {
    const at = new Date(facts.clock.wallMs()).toISOString()
    const line: AuditLine = { at, who: by?.name ?? 'unknown', did }
    facts.log(`audit: ${did}, by ${line.who}`)
    facts.show(line)
    if (facts.file === undefined) return
    try {
      appendFileSync(facts.file, `${JSON.stringify(line)}\n`, { mode: 0o600 })
    } catch (error) {
      facts.log(`fault: operations.auditFile: ${(error as Error).message}`)
    }
  }
}
