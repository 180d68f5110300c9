/** Whose side the fault is on; decides the status a person gets and who is called at night. */
export type FailureSource = 'client' | 'gateway' | 'origin'

/**
 * The world failed. Match on `code`, never on the message or the class.
 * Refusing a request is an outcome, not a `Failure`; a mistake of ours is an assertion.
 */
export class Failure extends Error {
  readonly code: string
  readonly source: FailureSource
  readonly retryable: boolean

  constructor(facts: {
    code: string
    message: string
    source: FailureSource
    retryable?: boolean
    cause?: unknown
  }) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'Failure'
    this.code = facts.code
    this.source = facts.source
    this.retryable = facts.retryable ?? false
  }
}

/** The failure's code, or undefined when `error` is not one of ours. */
export function failureCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'Failure') return undefined
  return (error as Failure).code
}
