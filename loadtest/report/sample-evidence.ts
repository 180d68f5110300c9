import { LatencyHistogram, type LatencyHistogramData } from '../../core/latency-histogram.ts'
import type { ArmEvidence, PhaseEvidence, RunEvidence } from './evidence.ts'
import type { ArmName, TimelineRow } from './result.ts'
import { defaultSloLimits } from './slo.ts'

/** A made-up run for the tests of the report: direct collapses at 08:57, the edge holds. */
export function sampleRun(changes: Partial<RunEvidence> = {}): RunEvidence {
  return {
    startedAt: '2020-03-16T07:20:00.000Z',
    scenario: {
      name: 'closure-morning',
      title: { fr: 'Matin de fermeture', en: 'Closure morning' },
    },
    schedule: {
      hash: '5f0c9a61e7c24b0fb1a3d2c85c1e6f7a5f0c9a61e7c24b0fb1a3d2c85c1e6f7a',
      seed: 16,
      scale: 0.05,
      mode: 'rates',
      fidelity: [
        { quantity: 'page rate', treatment: 'kept', detail: 'exact, per wall second' },
        { quantity: 'concurrent sessions', treatment: 'compressed', detail: 'divided by 20' },
        { quantity: 'token expiry', treatment: 'left out', detail: 'sessions are too short' },
      ],
      multipliers: {
        sessions: { requested: 2.55, planned: 2.548, scheduled: 2210 },
        pages: { requested: 4.5, planned: 4.512, scheduled: 14_300 },
        duration: { requested: 3.05, planned: 3.049, scheduled: 57_000 },
      },
    },
    limits: defaultSloLimits,
    arms: { direct: sampleArm('direct'), edge: sampleArm('edge') },
    writes: {
      acknowledged: 3114,
      applied: 3112,
      deadLettered: 2,
      lost: 0,
      duplicated: 0,
      ghost: 11,
      lostUpperBoundRatio: 3 / 3114,
      lostKeys: [],
      duplicatedKeys: [],
    },
    protectionsOff: [],
    troubles: [],
    reproduce: 'ecluse rehearse closure-morning --seed 16 --scale 0.05',
    versions: { ecluse: '0.1.0', node: '26.10.0' },
    notMeasured: {},
    ...changes,
  }
}

/** One arm of the made-up run, second by second, with phases that add up to it. */
export function sampleArm(name: ArmName): ArmEvidence {
  const timeline = Array.from({ length: 110 }, (_, second) => row(name, second))
  return {
    phases: phaseTable.map((phase) => phaseEvidence(phase, timeline)),
    timeline,
    byPageType: ['landing', 'homework', 'messages'].map((type, index) => ({
      type,
      intended: 4000 - index * 900,
      inSlo: name === 'edge' ? 3990 - index * 900 : 1900 - index * 600,
      response: histogram([[name === 'edge' ? 140 : 2600, 100]]),
    })),
    people:
      name === 'edge'
        ? {
            sessions: 2210,
            admitted: 2148,
            waited: 734,
            waitedMedianMs: 18_400,
            gaveUp: 62,
            returned: 31,
          }
        : {
            sessions: 2210,
            admitted: 1105,
            waited: 0,
            waitedMedianMs: null,
            gaveUp: 1043,
            returned: 402,
          },
    saves:
      name === 'edge'
        ? { saved: histogram([[40, 3110]]), givenUp: histogram([[9000, 4]]) }
        : { saved: histogram([[6200, 900]]), givenUp: histogram([[14_000, 500]]) },
    leaks: { answersChecked: 60_231, foreignCanaries: 0 },
    generator: {
      startLagP99Ms: 11.2,
      startLagMaxMs: 84,
      pageLagP99Ms: 9.4,
      eventLoopDelayP99Ms: 12.6,
      cpuRatio: 0.52,
      deliveredRatio: 1,
    },
    generatorProblems: [],
    delivered: {
      sessions: 2210,
      pages: name === 'edge' ? 14_188 : 9120,
      stay: { value: 0.9895, standardError: 0.0119 },
    },
    origin: {
      before: { poolSecondsHad: 200, poolSecondsUseful: 98 },
      peak: { poolSecondsHad: 480, poolSecondsUseful: name === 'edge' ? 451 : 72 },
      after: { poolSecondsHad: 350, poolSecondsUseful: name === 'edge' ? 178 : 104 },
    },
  }
}

const phaseTable = [
  { name: 'before', fromClock: '07:20', toClock: '07:30', fromMs: 0, toMs: 20_000 },
  { name: 'rise', fromClock: '07:30', toClock: '08:55', fromMs: 20_000, toMs: 27_000 },
  { name: 'peak', fromClock: '08:55', toClock: '09:03', fromMs: 27_000, toMs: 75_000 },
  { name: 'after', fromClock: '12:30', toClock: '12:40', fromMs: 75_000, toMs: 110_000 },
] as const

function row(name: ArmName, second: number): TimelineRow {
  const phase = phaseTable.find(({ toMs }) => second * 1000 < toMs) ?? phaseTable[3]
  const into = (second * 1000 - phase.fromMs) / (phase.toMs - phase.fromMs)
  const level = { before: 70, rise: 70 + 140 * into, peak: 215, after: 70 }[phase.name]
  const intended = Math.round(level + 9 * Math.sin(second * 1.7) + 5 * Math.sin(second * 0.6))
  const isHit = name === 'direct' && second > 33
  const share = isHit ? Math.min(0.93, (second - 33) / 12) : 0
  const missed = Math.round(intended * (share || (second % 9 === 0 ? 0.004 : 0)))
  const late = Math.round(missed * 0.55)
  const p95Ms = isHit ? Math.min(11_000, 300 * 1.3 ** (second - 33)) : 190 + 60 * Math.sin(second)
  return {
    atMs: second * 1000,
    clock: clockAt(phase, into),
    intended,
    served: intended - (missed - late),
    inSlo: intended - missed,
    late,
    failed: missed - late,
    refused: 0,
    attempts: Math.round(intended * (1 + share * 2.6)),
    concurrent: Math.round(isHit ? 900 + 9 * second : level * 8),
    p95Ms,
    poolUsefulRatio: isHit ? 0.15 : 0.9,
    backlog: name === 'edge' && level > 100 ? Math.round((second - 20) * 3) : 0,
  }
}

function clockAt(phase: (typeof phaseTable)[number], into: number): string {
  const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))
  const from = minutes(phase.fromClock)
  const at = Math.floor(from + into * (minutes(phase.toClock) - from))
  return `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`
}

function phaseEvidence(
  phase: (typeof phaseTable)[number],
  timeline: readonly TimelineRow[],
): PhaseEvidence {
  const rows = timeline.filter(({ atMs }) => atMs >= phase.fromMs && atMs < phase.toMs)
  const sum = (pick: (row: TimelineRow) => number): number =>
    rows.reduce((total, row) => total + pick(row), 0)
  return {
    ...phase,
    pages: {
      intended: sum((row) => row.intended),
      attempts: sum((row) => row.attempts),
      begun: sum((row) => row.intended),
      whole: sum((row) => row.served),
      inSlo: sum((row) => row.inSlo),
      failed: sum((row) => row.failed),
      refused: 0,
    },
    response: histogram(rows.map((row) => [row.p95Ms ?? 0, row.served])),
    waitedInVain: histogram(rows.map((row) => [10_000, row.failed])),
  }
}

function histogram(records: readonly (readonly [ms: number, times: number])[]) {
  const all = new LatencyHistogram()
  for (const [ms, times] of records) if (times > 0) all.record(ms, times)
  return all.toJSON() satisfies LatencyHistogramData
}
