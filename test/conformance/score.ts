/** How a case of the suite ended for us. */
export interface CaseResult {
  readonly id: string
  readonly kind: 'required' | 'optimal' | 'check'
  readonly name: string
  /** Null is a pass; otherwise what the suite saw, or the case it depends on. */
  readonly failure: string | null
}

/** A case that we fail on purpose. */
export interface Waiver {
  readonly id: string
  /** What stands against passing it: the RFC itself, a promise of ours, or a fault of the case. */
  readonly ground: 'rfc' | 'promise' | 'suite'
  readonly reason: string
  /** Where that is written. */
  readonly link: string
}

export interface Score {
  readonly required: Tally
  readonly optimal: Tally
  /** Failed, neither a mere question (`check`) nor waived. */
  readonly unexpected: readonly CaseResult[]
  /** Waived, and passed or not there: the waiver must go. */
  readonly idleWaivers: readonly string[]
}

interface Tally {
  readonly passed: number
  readonly all: number
  /** Failed because the RFC says otherwise than the case. */
  readonly byRfc: number
}

/**
 * Every case that is not for browsers alone, as the suite itself judges: a case whose
 * prerequisite failed has shown nothing and counts as failed.
 */
export function resultsOf(
  suites: readonly SuiteOfCases[],
  outcomes: Readonly<Record<string, true | readonly [kind: string, message: string]>>,
): readonly CaseResult[] {
  const cases = suites.flatMap(({ tests }) => tests).filter((one) => one.browser_only !== true)
  const known = new Map(cases.map((one) => [one.id, one]))
  const failureOf = (id: string): string | null => {
    for (const needed of known.get(id)?.depends_on ?? []) {
      if (failureOf(needed) !== null) return `depends on ${needed}`
    }
    const outcome = outcomes[id]
    if (outcome === true) return null
    return outcome === undefined ? 'not run' : `${outcome[0]}: ${outcome[1]}`
  }
  return cases.map(({ id, kind = 'required', name }) => ({
    id,
    kind,
    name,
    failure: failureOf(id),
  }))
}

/** Counts the results and holds the waivers against them. */
export function scoreOf(results: readonly CaseResult[], waivers: readonly Waiver[]): Score {
  const waived = new Set(waivers.map(({ id }) => id))
  const rfc = new Set(waivers.filter(({ ground }) => ground === 'rfc').map(({ id }) => id))
  const failed = new Set(results.filter(({ failure }) => failure !== null).map(({ id }) => id))
  const tally = (kind: CaseResult['kind']): Tally => {
    const all = results.filter((one) => one.kind === kind)
    const ours = all.filter(({ id }) => failed.has(id))
    const byRfc = ours.filter(({ id }) => rfc.has(id)).length
    return { passed: all.length - ours.length, all: all.length, byRfc }
  }
  return {
    required: tally('required'),
    optimal: tally('optimal'),
    unexpected: results.filter(
      ({ id, kind, failure }) => failure !== null && kind !== 'check' && !waived.has(id),
    ),
    idleWaivers: [...waived].filter((id) => !failed.has(id)),
  }
}

/** `required 150/165 optimal 86/95`, and how many of the rest the RFC itself stands against. */
export function scoreLine({ required, optimal }: Score): string {
  const tally = (name: string, { passed, all }: Tally): string => `${name} ${passed}/${all}`
  const aside = `against the RFC: ${required.byRfc} required, ${optimal.byRfc} optimal`
  return `${tally('required', required)} ${tally('optimal', optimal)} (${aside})`
}
