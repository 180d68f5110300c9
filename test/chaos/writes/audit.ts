/** One applied write as the portal's ledger has it, in the order in which it was applied. */
export interface LedgerLine {
  readonly key: string
}

/** What people sent: how far each of them got, and which of their writes they left unanswered. */
export interface Sent {
  /** Writes acknowledged with 202, by person, by number. */
  readonly acknowledged: ReadonlyMap<number, ReadonlySet<number>>
}

export interface Audit {
  readonly acknowledged: number
  readonly applied: number
  readonly deadLetters: number
  /** Acknowledged, and neither applied nor among the dead letters. */
  readonly lost: readonly string[]
  /** Keys applied more than once. */
  readonly duplicated: readonly string[]
  /** Applied after a later write of the same person, and not in doubt. */
  readonly disordered: readonly string[]
  /**
   * Applied after a later one, and listed as in doubt: its attempt got no answer, was given up and
   * parked, and the portal applied it in the end. Who reads the dead letter is told to look.
   */
  readonly disorderedInDoubt: number
  /** Applied although nobody was told so: allowed, and counted. */
  readonly unacknowledgedApplied: number
}

/** The key of a person's nth write. */
export function keyOf(person: number, n: number): string {
  return `chaos-${person}-${String(n).padStart(7, '0')}`
}

/** Person and number of a key, or undefined when it is not one of ours. */
export function writeOf(key: string): { readonly person: number; readonly n: number } | undefined {
  const [, person, n] = /^chaos-(\d+)-(\d+)$/.exec(key) ?? []
  return n === undefined ? undefined : { person: Number(person), n: Number(n) }
}

/** Compares what was promised with what happened. Memory: one number per applied write. */
export function auditWrites(
  sent: Sent,
  facts: { readonly ledger: Iterable<LedgerLine>; readonly deadLetterKeys: Iterable<string> },
): Audit {
  const applied = new Map<number, Set<number>>()
  const latest = new Map<number, number>()
  const duplicated: string[] = []
  const disordered: string[] = []
  const parked = new Set(facts.deadLetterKeys)
  let disorderedInDoubt = 0
  let lines = 0
  let unacknowledgedApplied = 0
  for (const { key } of facts.ledger) {
    const write = writeOf(key)
    if (write === undefined) continue
    lines += 1
    const { person, n } = write
    const ofOne = applied.get(person) ?? new Set()
    applied.set(person, ofOne)
    if (ofOne.has(n)) duplicated.push(key)
    else if (n < (latest.get(person) ?? 0)) {
      if (parked.has(key)) disorderedInDoubt += 1
      else disordered.push(key)
    }
    ofOne.add(n)
    latest.set(person, Math.max(n, latest.get(person) ?? 0))
    if (!sent.acknowledged.get(person)?.has(n)) unacknowledgedApplied += 1
  }
  const lost: string[] = []
  let acknowledged = 0
  for (const [person, numbers] of sent.acknowledged) {
    for (const n of numbers) {
      acknowledged += 1
      if (applied.get(person)?.has(n)) continue
      if (!parked.has(keyOf(person, n))) lost.push(keyOf(person, n))
    }
  }
  return {
    acknowledged,
    applied: lines,
    deadLetters: parked.size,
    lost,
    duplicated,
    disordered,
    disorderedInDoubt,
    unacknowledgedApplied,
  }
}
