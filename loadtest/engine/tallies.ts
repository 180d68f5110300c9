import { LatencyHistogram } from '../../core/latency-histogram.ts'
import type { PageCounts, PeopleCounts, PhaseResult, TimelineRow } from './load-result.ts'
import type { PlannedPhase } from './run-plan.ts'

type Counting<T> = { -readonly [K in keyof T]: number }

export type PageTally = Counting<PageCounts>
export type PeopleTally = Counting<PeopleCounts>
export type SecondTally = Counting<TimelineRow>

/** Mutable counts of one phase; `phaseResult` makes them JSON. */
export interface PhaseTally {
  readonly phase: PlannedPhase
  readonly pages: PageTally
  readonly logins: PageTally
  readonly byPageType: Map<string, { counts: PageTally; response: LatencyHistogram }>
  readonly byRole: Map<string, PageTally>
  readonly response: LatencyHistogram
  readonly responseAfterLine: LatencyHistogram
  readonly service: LatencyHistogram
  readonly censored: LatencyHistogram
  readonly inLine: LatencyHistogram
  readonly lag: LatencyHistogram
  readonly requests: Map<string, number>
  readonly people: PeopleTally
}

/** A phase with nothing in it yet. */
export function emptyPhase(phase: PlannedPhase): PhaseTally {
  return {
    phase,
    pages: emptyPages(),
    logins: emptyPages(),
    byPageType: new Map(),
    byRole: new Map(),
    response: new LatencyHistogram(),
    responseAfterLine: new LatencyHistogram(),
    service: new LatencyHistogram(),
    censored: new LatencyHistogram(),
    inLine: new LatencyHistogram(),
    lag: new LatencyHistogram(),
    requests: new Map(),
    people: emptyPeople(),
  }
}

export function emptyPages(): PageTally {
  return {
    intended: 0,
    attempts: 0,
    whole: 0,
    inSlo: 0,
    inSloAfterLine: 0,
    late: 0,
    failed: 0,
    refused: 0,
    abandoned: 0,
    unfinished: 0,
    turnedAway: 0,
    waits: 0,
    wholeAfterReturn: 0,
    forgone: 0,
  }
}

export function emptyPeople(): PeopleTally {
  return {
    started: 0,
    warm: 0,
    admitted: 0,
    waited: 0,
    gaveUp: 0,
    returned: 0,
    lost: 0,
    loggedInAgain: 0,
  }
}

export function emptySecond(atMs: number): SecondTally {
  return {
    atMs,
    intended: 0,
    inSlo: 0,
    late: 0,
    failed: 0,
    refused: 0,
    abandoned: 0,
    unfinished: 0,
    logins: 0,
    attempts: 0,
    served: 0,
    requests: 0,
    turnedAway: 0,
    concurrent: 0,
  }
}

/** The entry of `key`, made on first use. */
export function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

export function emptyPageType(): { counts: PageTally; response: LatencyHistogram } {
  return { counts: emptyPages(), response: new LatencyHistogram() }
}

/** Adds phases into one called `name`. */
export function mergePhases(name: string, phases: readonly PhaseTally[]): PhaseTally {
  const fromMs = phases[0]?.phase.fromMs ?? 0
  const total = emptyPhase({ name, fromMs, toMs: phases.at(-1)?.phase.toMs ?? fromMs })
  for (const part of phases) {
    addCounts(total.pages, part.pages)
    addCounts(total.logins, part.logins)
    addCounts(total.people, part.people)
    for (const [type, { counts, response }] of part.byPageType) {
      const into = entry(total.byPageType, type, emptyPageType)
      addCounts(into.counts, counts)
      into.response.merge(response)
    }
    for (const [role, counts] of part.byRole) {
      addCounts(entry(total.byRole, role, emptyPages), counts)
    }
    for (const series of seriesNames) total[series].merge(part[series])
    for (const [status, count] of part.requests) {
      total.requests.set(status, (total.requests.get(status) ?? 0) + count)
    }
  }
  return total
}

/** The JSON form of a phase. */
export function phaseResult(tally: PhaseTally): PhaseResult {
  const begun = tally.pages.intended + tally.logins.intended
  const attempts = tally.pages.attempts + tally.logins.attempts
  return {
    ...tally.phase,
    pages: { ...tally.pages },
    logins: { ...tally.logins },
    amplification: begun === 0 ? null : attempts / begun,
    byPageType: Object.fromEntries(
      [...tally.byPageType].map(([type, { counts, response }]) => [
        type,
        { ...counts, response: response.toJSON() },
      ]),
    ),
    byRole: Object.fromEntries(tally.byRole),
    response: tally.response.toJSON(),
    responseAfterLine: tally.responseAfterLine.toJSON(),
    service: tally.service.toJSON(),
    censored: tally.censored.toJSON(),
    inLine: tally.inLine.toJSON(),
    lag: tally.lag.toJSON(),
    requests: Object.fromEntries(tally.requests),
    people: { ...tally.people },
  }
}

const seriesNames = [
  'response',
  'responseAfterLine',
  'service',
  'censored',
  'inLine',
  'lag',
] as const

function addCounts<T extends Record<keyof T, number>>(into: T, from: T): void {
  for (const name of Object.keys(into) as (keyof T)[]) {
    into[name] = ((into[name] as number) + from[name]) as T[keyof T]
  }
}
