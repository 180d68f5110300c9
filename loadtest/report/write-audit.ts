/** A write the portal or the edge answered 2xx to: "it is saved". */
export interface AcknowledgedWrite {
  readonly key: string
  readonly principal: string
}

/** One write the origin applied, in the order of its append-only ledger. */
export interface LedgerRow {
  readonly order: number
  readonly key: string
  readonly principal: string
  readonly hash: string
}

/** What became of the acknowledged writes, counted by key. */
export interface AuditFigures {
  readonly acknowledged: number
  /** Acknowledged and in the ledger. */
  readonly applied: number
  /** Acknowledged, not in the ledger, in the dead letters with reason and owner. */
  readonly deadLettered: number
  /** Acknowledged and nowhere: a broken promise. */
  readonly lost: number
  /** In the ledger more than once, acknowledged or not. */
  readonly duplicated: number
  /** In the ledger but never acknowledged: harmless, the person was told nothing. */
  readonly ghost: number
  /** 95 % upper bound of the share lost when none of n was: 3/n (rule of three). */
  readonly lostUpperBoundRatio: number | null
  readonly lostKeys: readonly string[]
  readonly duplicatedKeys: readonly string[]
}

/** Keys shown as examples; the counts are complete. */
const examplesMax = 20

/**
 * Reconciles what was promised with what was done. A write is the pair of principal and key: one
 * applied under another principal's name is lost for its owner and a ghost for the other.
 * `acknowledged` may name a key several times (people click twice); it counts once. O(n).
 */
export function reconcile(facts: {
  readonly acknowledged: readonly AcknowledgedWrite[]
  readonly ledger: readonly LedgerRow[]
  readonly deadLetterKeys: readonly string[]
}): AuditFigures {
  const promised = new Map(facts.acknowledged.map((write) => [identity(write), write.key]))
  const timesApplied = new Map<string, { key: string; times: number }>()
  for (const row of facts.ledger) {
    const seen = timesApplied.get(identity(row))
    timesApplied.set(identity(row), { key: row.key, times: (seen?.times ?? 0) + 1 })
  }
  const deadLetters = new Set(facts.deadLetterKeys)
  const missing = [...promised].filter(([id]) => !timesApplied.has(id)).map(([, key]) => key)
  const lost = missing.filter((key) => !deadLetters.has(key))
  const duplicated = [...timesApplied.values()].filter(({ times }) => times > 1)
  const applied = promised.size - missing.length
  return {
    acknowledged: promised.size,
    applied,
    deadLettered: missing.length - lost.length,
    lost: lost.length,
    duplicated: duplicated.length,
    ghost: timesApplied.size - applied,
    lostUpperBoundRatio:
      lost.length === 0 && promised.size > 0 ? Math.min(1, 3 / promised.size) : null,
    lostKeys: lost.slice(0, examplesMax),
    duplicatedKeys: duplicated.slice(0, examplesMax).map(({ key }) => key),
  }
}

/** JSON, so that no principal and key can be glued into another pair. */
function identity(write: { readonly principal: string; readonly key: string }): string {
  return JSON.stringify([write.principal, write.key])
}
