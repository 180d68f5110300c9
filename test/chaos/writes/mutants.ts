/** A protection taken away, and what the audit must then find. */
export interface Mutant {
  readonly what: string
  /** Loss or doubling: what a run with it has to show, or the harness is blind. */
  readonly shows: 'lost' | 'duplicated'
  /** Which arm shows it. */
  readonly outcome: 'dedupes' | 'neither'
  /** How Redis syncs its log in this run. */
  readonly appendfsync: 'always' | 'everysec'
  /** The kinds of faults that bring it out. */
  readonly faults: readonly string[]
  readonly changes: readonly {
    readonly file: string
    readonly from: string
    readonly to: string
  }[]
}

const always = { appendfsync: 'always' } as const

export const mutants = {
  everysec: {
    what: 'Redis syncs once a second and loses power',
    shows: 'lost',
    outcome: 'dedupes',
    appendfsync: 'everysec',
    faults: ['power cut under the durable Redis'],
    changes: [],
  },
  'no-idempotency-check': {
    what: 'a key that comes again is stored again',
    shows: 'duplicated',
    outcome: 'neither',
    ...always,
    faults: ['edge killed'],
    changes: [
      {
        file: 'gateway/write-absorption/compose-write.ts',
        from: 'idOf({ mailbox, className, key }, digest)',
        to: 'idOf({ mailbox, className, key: key + Math.random() }, digest)',
      },
    ],
  },
  'retry-unknown': {
    what: 'an attempt whose outcome is unknown is repeated where nobody deduplicates',
    shows: 'duplicated',
    outcome: 'neither',
    ...always,
    faults: ['edge killed', 'worker killed'],
    changes: [
      {
        file: 'queue-workers/turn.ts',
        from: "taken.wasSent && job.outcome !== 'dedupes'",
        to: 'taken.wasSent && job.version < 0',
      },
      {
        file: 'queue-workers/attempt-outcome.ts',
        from: "job.outcome === 'dedupes' && attempts",
        to: 'attempts',
      },
    ],
  },
} as const satisfies Record<string, Mutant>

export type MutantName = keyof typeof mutants
