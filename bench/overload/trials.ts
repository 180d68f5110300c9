import type { ConcurrencyControl } from '../../gateway/admission/adaptive-limit.ts'
import type { GateRules, Priority } from '../../gateway/policy/policy.ts'
import { portalKinds, type RequestKind, type SchoolSize } from './crowd.ts'
import { demandCappedShares, jainIndex } from './fairness.ts'
import { type OverloadRun, playOverload, type Second, type Tally } from './overload-run.ts'

/** The gate under trial: rules with a ceiling that somebody guessed, eight times what is right. */
export const triedRules: GateRules = {
  maxInFlight: 64,
  limit: 'adaptive',
  minInFlight: 4,
  maxQueued: 200,
  applyShareRatio: 0.2,
  schoolWeights: {},
}

/** How long a trial runs, and what is taken away from it. */
export interface TrialOptions {
  readonly isShort: boolean
  /** Null: nothing stands before the origin. */
  readonly rules?: GateRules | null
  /** Another way to find the limit, such as a peer's. */
  readonly control?: (rules: GateRules) => ConcurrencyControl
  readonly kinds?: readonly RequestKind[]
  /** Does the gate know who belongs to which school? */
  readonly schools?: 'known' | 'unknown'
}

const slots = 8
const warmupMs = 30_000
const minute = 60_000

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Goodput over the seconds from `fromMs` to `toMs`. */
export const goodput = (seconds: readonly Second[], fromMs: number, toMs: number): number =>
  mean(seconds.slice(fromMs / 1_000, toMs / 1_000).map(({ goodputRatio }) => goodputRatio))

const rulesOf = ({ rules }: TrialOptions): GateRules | null =>
  rules === undefined ? triedRules : rules

/** T1: ten times the load, held, with people who reload and come back. */
export function plateau(options: TrialOptions) {
  const durationMs = warmupMs + (options.isShort ? 0.5 : 5) * minute
  const run = (load: number): OverloadRun =>
    playOverload(
      { ...common(options, 1), durationMs, databaseSlots: slots, load: () => load },
      warmupMs,
    )
  const normal = run(0.8)
  const surge = run(10)
  const p99 = (one: OverloadRun): number => one.latency.quantileMs(0.99) ?? Number.POSITIVE_INFINITY
  return {
    goodput: goodput(surge.seconds, warmupMs, durationMs),
    p99Ratio: p99(surge) / p99(normal),
    refusalP99Ms: surge.refusal.quantileMs(0.99) ?? 0,
    limit: mean(surge.seconds.slice(warmupMs / 1_000).map(({ limit }) => limit)),
  }
}

/**
 * T2: three times the load for a day. Requests and people take eight times as long as elsewhere, so
 * that a day is short to simulate.
 */
export function longOverload(options: TrialOptions & { readonly hours: number }) {
  const kinds = portalKinds.map((kind) => ({
    ...kind,
    workerMs: kind.workerMs * 8,
    databaseMs: kind.databaseMs * 8,
    deadlineMs: kind.deadlineMs * 8,
  }))
  const hourMs = 60 * minute
  const plan = { ...common(options, 2), kinds, databaseSlots: slots, patienceFactor: 8 }
  const run = playOverload({ ...plan, durationMs: options.hours * hourMs, load: () => 3 })
  const reference = playOverload({ ...plan, durationMs: 10 * minute, load: () => 10 })
  const limitOf = (seconds: readonly Second[], fromMs: number, toMs: number): number =>
    mean(seconds.slice(fromMs / 1_000, toMs / 1_000).map(({ limit }) => limit))
  const surge = limitOf(reference.seconds, 2 * minute, 10 * minute)
  const hours = Array.from({ length: options.hours }, (_, hour) => {
    const fromMs = hour * hourMs + (hour === 0 ? 2 * minute : 0)
    const toMs = (hour + 1) * hourMs
    return {
      limit: limitOf(run.seconds, fromMs, toMs),
      goodput: goodput(run.seconds, fromMs, toMs),
    }
  })
  const last = hours.at(-1)?.limit ?? 0
  const first = hours[0]?.limit ?? 0
  return {
    limitOff: Math.max(...hours.map(({ limit }) => Math.abs(limit / surge - 1))),
    driftPerHour: Math.abs(last / first - 1) / Math.max(1, options.hours - 1),
    goodput: mean(hours.map(({ goodput }) => goodput)),
    requests: run.asked,
  }
}

/**
 * T3: from half of the load to ten times within a second, and back. Who is turned away does not
 * come back here: half a minute at ten times the load leaves enough of them to fill the portal for
 * minutes, and the question is how fast the gate follows.
 */
export function stepResponse(options: TrialOptions) {
  const upMs = 2 * minute
  const downMs = upMs + (options.isShort ? 0.5 : 2) * minute
  const run = playOverload({
    ...common(options, 3),
    databaseSlots: slots,
    durationMs: downMs + minute,
    comeBackChance: 0,
    load: (nowMs) => (nowMs >= upMs && nowMs < downMs ? 10 : 0.5),
  })
  const after = run.seconds.slice(downMs / 1_000 + 10)
  return {
    goodput: goodput(run.seconds, upMs + 5_000, downMs),
    shedAfter: after.reduce((sum, { shed }) => sum + shed, 0),
    goodputAfter: mean(after.map(({ goodputRatio }) => goodputRatio)),
  }
}

/** T6: who is served of each priority at ten times the load. */
export function priorities(options: TrialOptions) {
  const run = playOverload(
    {
      ...common(options, 6),
      databaseSlots: slots * (options.isShort ? 2 : 4),
      durationMs: warmupMs + (options.isShort ? 1 : 10) * minute,
      load: () => 10,
      ...(options.kinds ? { kinds: options.kinds } : {}),
    },
    warmupMs,
  )
  const served = (name: string): number => ratio(run.byKind.get(name))
  const seconds = run.seconds.slice(warmupMs / 1_000, -10)
  return {
    p0: served('hand-in'),
    p0Asked: run.byKind.get('hand-in')?.asked ?? 0,
    p1: served('publish'),
    inversions: mean(seconds.map((second) => (isInverted(second.admitted) ? 1 : 0))),
  }
}

/** Was a lower priority let in while a higher one was shed by more than chance? */
function isInverted(byPriority: Second['admitted']): boolean {
  const admitted = byPriority.map(({ asked, shed }) => (asked === 0 ? null : 1 - shed / asked))
  let best: number | null = null
  for (let priority = 6; priority >= 0; priority -= 1) {
    const own = admitted[priority as Priority] ?? null
    if (own === null) continue
    // One in twenty slots is for those who were shed too often, whatever they ask for.
    if (best !== null && best > own + 0.1) return true
    best = Math.max(best ?? 0, own)
  }
  return false
}

/** T7: five hundred schools by Zipf, one of them at fifty times what it usually asks for. */
export function schools(options: TrialOptions) {
  const sizes = Array.from({ length: 500 }, (_, i) => Math.max(20, Math.round(3_000 / (i + 1))))
  const rude = 4
  const play = (demand: number): OverloadRun => {
    const people: SchoolSize[] = sizes.map((pupils, i) => ({
      name: `school ${i}`,
      pupils,
      demand: i === rude ? demand : 1,
    }))
    const total = sizes.reduce((sum, size) => sum + size)
    const asked = people.reduce((sum, one) => sum + one.pupils * one.demand, 0)
    const weights = Object.fromEntries(people.map(({ name, pupils }) => [name, pupils]))
    const rules = { ...triedRules, maxInFlight: 200, maxQueued: 920, schoolWeights: weights }
    return playOverload(
      {
        ...common({ ...options, rules }, 7),
        databaseSlots: 46,
        durationMs: warmupMs + (options.isShort ? 0.5 : 5) * minute,
        load: () => (0.7 * asked) / total,
        schools: people,
      },
      warmupMs,
    )
  }
  const [usual, rush] = [play(1), play(50)]
  const others = (run: OverloadRun): number => {
    const tallies = [...run.bySchool].filter(([name]) => name !== `school ${rude}`)
    return servedRatio(tallies.map(([, tally]) => tally))
  }
  const demands = [...rush.bySchool].map(([name, { asked, served }]) => ({
    asked,
    served,
    weight: sizes[Number(name.split(' ')[1])] ?? 1,
  }))
  const fair = demandCappedShares(demands)
  const shares = demands
    .map(({ asked, served }, i) => ({ asked, share: served / (fair[i] as number) }))
    .filter(({ asked }) => asked >= (options.isShort ? 100 : 400))
  return {
    jain: jainIndex(shares.map(({ share }) => share)),
    schoolsCounted: shares.length,
    othersLose: others(usual) - others(rush),
  }
}

function common(options: TrialOptions, seed: number) {
  return {
    seed,
    gate: rulesOf(options),
    control: options.control,
    knowsSchools: options.schools !== 'unknown',
  }
}

function ratio(tally: Tally | undefined): number {
  return tally === undefined || tally.asked === 0 ? 0 : tally.served / tally.asked
}

function servedRatio(tallies: readonly Tally[]): number {
  const asked = tallies.reduce((sum, tally) => sum + tally.asked, 0)
  return tallies.reduce((sum, tally) => sum + tally.served, 0) / asked
}
