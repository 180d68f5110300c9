/** How the durable Redis says it keeps what it confirms; null where it did not say. */
export interface PersistenceFacts {
  readonly appendonly: string | null
  readonly appendfsync: string | null
  readonly 'no-appendfsync-on-rewrite': string | null
  readonly 'maxmemory-policy': string | null
  readonly aofLastWriteStatus: string | null
  /** Memory in use, as a share of `maxmemory`; 0 without that limit. */
  readonly memoryRatio: number
}

/**
 * Where a write is on disk when its receipt is given. `local-fsync`: on this machine's, in the
 * spool. `queue-fsync`: on the durable Redis's, as it says itself; `declared`: as the operator says.
 */
export type DurabilityLevel = 'local-fsync' | 'queue-fsync' | 'declared'

export type Durability =
  /** Redis has not been asked successfully since it was last away or in trouble. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'ok'; readonly level: DurabilityLevel }
  | { readonly kind: 'weak'; readonly found: readonly string[] }

/** Beyond this share of its memory the rest is for workers: settling writes is what frees it. */
const fullAtRatio = 0.9

const needed = {
  appendonly: 'yes',
  appendfsync: 'always',
  // Otherwise nothing is synced while the log is rewritten.
  'no-appendfsync-on-rewrite': 'no',
  'maxmemory-policy': 'noeviction',
  aofLastWriteStatus: 'ok',
} as const satisfies Record<Exclude<keyof PersistenceFacts, 'memoryRatio'>, string>

/**
 * Whether a write confirmed by this Redis survives a power cut. Where `isRequired` is false the
 * operator answers for it, and the receipts say `declared`.
 */
export function judgeDurability(facts: PersistenceFacts, isRequired: 'required' | 'declared') {
  // Its disk is full or ill: no setting of it is wrong, and it may recover.
  if (facts.aofLastWriteStatus === 'err') return { kind: 'unknown' } as const
  if (facts.memoryRatio > fullAtRatio) return { kind: 'unknown' } as const
  const found = Object.entries(needed).flatMap(([name, value]) => {
    const is = facts[name as keyof PersistenceFacts]
    return is === value ? [] : [`${name} must be ${value} and is ${is ?? 'not readable'}`]
  })
  if (found.length === 0) return { kind: 'ok', level: 'queue-fsync' } as const
  if (isRequired === 'declared') return { kind: 'ok', level: 'declared' } as const
  return { kind: 'weak', found } as const
}
