import { LatencyHistogram } from '../../core/latency-histogram.ts'
import type { Role } from '../schedule/session.ts'
import type { ForeignCanary } from './canary-check.ts'
import type { LeakResult, PhaseResult, ResponseWindow, TimelineRow } from './load-result.ts'
import { noStays, type StaySums, withStay } from './stay-sums.ts'
import type { PlannedPhase } from './run-plan.ts'
import {
  emptyPages,
  emptyPageType,
  emptyPeople,
  emptyPhase,
  emptySecond,
  entry,
  mergePhases,
  type PageTally,
  type PeopleTally,
  type PhaseTally,
  phaseResult,
  type SecondTally,
} from './tallies.ts'
import { WriteBook } from './write-book.ts'

/** How a visit ended; see `PageCounts`. */
export type VisitFate = 'whole' | 'failed' | 'refused' | 'abandoned' | 'unfinished'

/** `planned` visits are counted as intended; the others add attempts to earlier ones. */
export interface VisitFacts {
  readonly pageType: string
  readonly role: Role
  readonly intendedMs: number
  readonly kind: 'planned' | 'returned' | 'again'
  readonly deadlineMs: number
}

/** A visit between its intended start and its fate. */
export interface OpenVisit extends VisitFacts {
  lineMs: number
  attemptAtMs: number
}

export const loginType = 'login'
const windowMs = 10_000

/**
 * Counts what happens, by phase and by second. A visit belongs to the phase of its intended
 * start; before the origin nothing is counted. O(1) a call.
 */
export class Recorder {
  readonly writes = new WriteBook()
  readonly people = emptyPeople()
  readonly startLag = new LatencyHistogram()
  private staySums = noStays
  private readonly phases: readonly PhaseTally[]
  private readonly seconds: SecondTally[] = []
  private readonly windows: LatencyHistogram[] = []
  private readonly open = new Set<OpenVisit>()
  private readonly leaks = { answersChecked: 0, foreignCanaries: 0 }
  private readonly leakExamples: LeakResult['examples'][number][] = []
  private recent: { readonly slot: number; readonly response: LatencyHistogram }[] = []
  private isClosed = false

  constructor(phases: readonly PlannedPhase[]) {
    this.phases = phases.map(emptyPhase)
  }

  get openVisits(): number {
    return this.open.size
  }

  begin(facts: VisitFacts, nowMs: number): OpenVisit {
    const visit: OpenVisit = { ...facts, lineMs: 0, attemptAtMs: nowMs }
    if (this.isClosed) return visit
    this.open.add(visit)
    if (facts.kind !== 'planned') return visit
    this.count(visit, 'intended')
    this.phaseAt(facts.intendedMs)?.lag.record(Math.max(0, nowMs - facts.intendedMs))
    const second = this.secondAt(facts.intendedMs)
    if (second !== undefined) second[facts.pageType === loginType ? 'logins' : 'intended'] += 1
    return visit
  }

  /** A navigation: the first, a refresh, or one after coming back. Not a poll in line. */
  attempt(visit: OpenVisit, nowMs: number): void {
    visit.attemptAtMs = nowMs
    this.count(visit, 'attempts')
    const second = this.secondAt(nowMs)
    if (second !== undefined) second.attempts += 1
  }

  turnedAway(visit: OpenVisit, nowMs: number): void {
    this.count(visit, 'turnedAway')
    const second = this.secondAt(nowMs)
    if (second !== undefined) second.turnedAway += 1
  }

  /** A poll at the pace the server asked for, after `lineMs` more in line. */
  poll(visit: OpenVisit, lineMs: number, nowMs: number): void {
    visit.lineMs += lineMs
    visit.attemptAtMs = nowMs
    this.count(visit, 'waits')
  }

  end(visit: OpenVisit, fate: VisitFate, nowMs: number): void {
    if (!this.open.delete(visit) || visit.intendedMs < 0 || visit.kind === 'again') return
    const phase = this.phaseAt(visit.intendedMs)
    if (visit.lineMs > 0) phase?.inLine.record(visit.lineMs)
    if (visit.kind === 'returned') {
      if (fate === 'whole') this.count(visit, 'wholeAfterReturn')
      return
    }
    this.count(visit, fate)
    if (fate === 'whole') this.recordWhole(visit, nowMs)
    else {
      if (visit.pageType !== loginType) phase?.censored.record(nowMs - visit.intendedMs)
      this.countSecond(visit, fate)
    }
  }

  /** A page that will never be begun; `atMs` is when it would have been. */
  forgo(facts: { pageType: string; role: Role; intendedMs: number }): void {
    this.count(facts, 'forgone')
  }

  /** Counts a person in the phase in which their session was intended to start. */
  person(what: keyof PeopleTally, startMs: number): void {
    if (this.isClosed) return
    this.people[what] += 1
    const phase = this.phaseAt(startMs)
    if (phase !== undefined) phase.people[what] += 1
  }

  /** A session that ended by itself: how long it stayed, and how long it was to. */
  stayed(stay: { playedMs: number; plannedMs: number }): void {
    if (!this.isClosed) this.staySums = withStay(this.staySums, stay)
  }

  request(outcome: string, nowMs: number): void {
    const requests = this.isClosed ? undefined : this.phaseAt(nowMs)?.requests
    if (requests === undefined) return
    requests.set(outcome, (requests.get(outcome) ?? 0) + 1)
    const second = this.secondAt(nowMs)
    if (second !== undefined) second.requests += 1
  }

  /** An answer with text was searched for other people's canaries; prelude included. */
  checked(found: readonly ForeignCanary[], where: { service: string; atMs: number }): void {
    this.leaks.answersChecked += 1
    this.leaks.foreignCanaries += found.length
    for (const { scope } of found) {
      if (this.leakExamples.length < 5) this.leakExamples.push({ scope, ...where })
    }
  }

  concurrent(sessions: number, nowMs: number): void {
    const second = this.secondAt(nowMs)
    if (second !== undefined) second.concurrent = sessions
  }

  /** Open visits become `unfinished`; afterwards nothing is counted any more. */
  close(nowMs: number): void {
    for (const visit of this.open) this.end(visit, 'unfinished', nowMs)
    this.isClosed = true
  }

  results(): {
    readonly phases: readonly PhaseResult[]
    readonly total: PhaseResult
    readonly timeline: readonly TimelineRow[]
    readonly responseWindows: readonly ResponseWindow[]
    readonly leaks: LeakResult
    readonly stays: StaySums
  } {
    return {
      phases: this.phases.map(phaseResult),
      total: phaseResult(mergePhases('total', this.phases)),
      timeline: this.seconds.map((second) => ({ ...second })),
      responseWindows: Array.from(this.windows, (response, index) => ({
        fromMs: index * windowMs,
        response: (response ?? new LatencyHistogram()).toJSON(),
      })),
      leaks: { ...this.leaks, examples: this.leakExamples },
      stays: this.staySums,
    }
  }

  /** What a progress line needs; O(phases + one histogram). */
  live(nowMs: number): LiveFigures {
    const merged = new LatencyHistogram()
    for (const { response } of this.recent) merged.merge(response)
    const before = Math.floor(nowMs / 1000) - 1
    return {
      phase: this.phaseAt(nowMs)?.phase.name ?? (nowMs < 0 ? 'prelude' : 'drain'),
      second: this.seconds[before] ?? null,
      recentP95Ms: merged.quantileMs(0.95),
      pagesIntended: sum(this.phases, (phase) => phase.pages.intended),
      pagesInSlo: sum(this.phases, (phase) => phase.pages.inSlo),
      foreignCanaries: this.leaks.foreignCanaries,
    }
  }

  pageLagP99Ms(): number {
    return mergePhases('total', this.phases).lag.quantileMs(0.99) ?? 0
  }

  private recordWhole(visit: OpenVisit, nowMs: number): void {
    const responseMs = nowMs - visit.intendedMs
    const isInSlo = responseMs <= visit.deadlineMs
    this.count(visit, isInSlo ? 'inSlo' : 'late')
    if (responseMs - visit.lineMs <= visit.deadlineMs) this.count(visit, 'inSloAfterLine')
    this.countSecond(visit, isInSlo ? 'inSlo' : 'late')
    const phase = this.phaseAt(visit.intendedMs)
    if (phase === undefined) return
    entry(phase.byPageType, visit.pageType, emptyPageType).response.record(responseMs)
    if (visit.pageType === loginType) return
    phase.response.record(responseMs)
    phase.responseAfterLine.record(responseMs - visit.lineMs)
    phase.service.record(nowMs - visit.attemptAtMs)
    const index = Math.floor(visit.intendedMs / windowMs)
    for (let i = this.windows.length; i <= index; i += 1) this.windows.push(new LatencyHistogram())
    this.windows[index]?.record(responseMs)
    this.recordRecent(responseMs, nowMs)
    const second = this.secondAt(nowMs)
    if (second !== undefined) second.served += 1
  }

  private recordRecent(responseMs: number, nowMs: number): void {
    const slot = Math.floor(nowMs / 5_000)
    if (this.recent.at(-1)?.slot !== slot) {
      this.recent = [...this.recent.slice(-1), { slot, response: new LatencyHistogram() }]
    }
    this.recent.at(-1)?.response.record(responseMs)
  }

  private count(
    facts: { pageType: string; role: Role; intendedMs: number },
    name: keyof PageTally,
  ): void {
    const phase = this.isClosed ? undefined : this.phaseAt(facts.intendedMs)
    if (phase === undefined) return
    const isLogin = facts.pageType === loginType
    phase[isLogin ? 'logins' : 'pages'][name] += 1
    entry(phase.byPageType, facts.pageType, emptyPageType).counts[name] += 1
    if (!isLogin) entry(phase.byRole, facts.role, emptyPages)[name] += 1
  }

  private countSecond(visit: OpenVisit, fate: 'inSlo' | 'late' | Exclude<VisitFate, 'whole'>) {
    const second = visit.pageType === loginType ? undefined : this.secondAt(visit.intendedMs)
    if (second !== undefined) second[fate] += 1
  }

  private phaseAt(atMs: number): PhaseTally | undefined {
    return this.phases.find(({ phase }) => atMs >= phase.fromMs && atMs < phase.toMs)
  }

  private secondAt(atMs: number): SecondTally | undefined {
    if (atMs < 0 || this.isClosed) return undefined
    const index = Math.floor(atMs / 1000)
    for (let i = this.seconds.length; i <= index; i += 1) this.seconds.push(emptySecond(i * 1000))
    return this.seconds[index]
  }
}

/** Figures of a run under way. */
export interface LiveFigures {
  readonly phase: string
  readonly second: TimelineRow | null
  readonly recentP95Ms: number | null
  readonly pagesIntended: number
  readonly pagesInSlo: number
  readonly foreignCanaries: number
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
