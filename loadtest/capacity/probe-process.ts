import { Failure } from '../../core/failure.ts'
import { unguessable } from '../../core/random.ts'
import { referencePortal } from '../../scenarios/portals/reference.ts'
import type { LoadResult } from '../engine/load-result.ts'
import { runLoad } from '../engine/run-process.ts'
import { defaultUserModel } from '../engine/user-model.ts'
import { armEvidence } from '../report/engine-evidence.ts'
import type { SloResult } from '../report/result.ts'
import { evaluateSlos } from '../report/slo.ts'
import { planSchedule } from '../schedule/plan.ts'
import type { Profile } from '../schedule/profile.ts'
import type { Scenario } from '../schedule/scenario.ts'
import { scheduleHash } from '../schedule/schedule-hash-store.ts'
import { restateSurge, type SurgeFlags } from '../schedule/surge-flags.ts'

/** What stays the same over all tries. */
export interface ProbeRequest {
  readonly scenario: Scenario
  readonly profile: Profile
  readonly target: string
  readonly scale: number
  readonly seed: number
  readonly seconds: number
  readonly split: SurgeFlags['split']
  readonly duration: string
  readonly signal: AbortSignal
}

/** One try: the peak of the scenario at so many times the pages of an ordinary day. */
export interface ProbeResult {
  readonly multiplier: number
  readonly holds: boolean
  readonly slos: readonly SloResult[]
  readonly load: LoadResult
}

/**
 * Plays one try from a warm start and judges it. Fails with `load-not-delivered` when this machine
 * could not send it: that says nothing about the target.
 */
export async function tryLoad(request: ProbeRequest, multiplier: number): Promise<ProbeResult> {
  const { profile, target, scale, seed, seconds, split, duration, signal } = request
  const flags = { pages: `x${multiplier.toFixed(4)}`, duration, split }
  const restated = restateSurge(flags, { scenario: peakOf(request.scenario), profile })
  if (restated.kind === 'refused') {
    throw failure('schedule-impossible', `x${multiplier}: ${restated.problems.join(' ')}`)
  }
  const { scenario } = restated
  const schedule = planSchedule({ scenario, profile, scale, seed, minutes: seconds / 60 })
  const plan = { ...schedule, hash: scheduleHash(schedule) }
  const load = await runLoad({
    plan,
    portal: referencePortal,
    target,
    users: {
      ...defaultUserModel,
      ...scenario.users,
      calendarCompression: schedule.thinkCompression,
    },
    pageDeadlineMs: scenario.slo.pageDeadlineMs,
    runId: unguessable(6),
    seed,
    signal,
  })
  if (load.endedBy === 'stopped') throw failure('interrupted', 'ended before there was a verdict.')
  if (load.generator.verdict === 'invalid') {
    const why = load.generator.reasons.join(' ')
    throw failure('load-not-delivered', `x${multiplier.toFixed(2)} was not delivered: ${why}`)
  }
  const evidence = armEvidence({ load, origin: null, clockAt: () => '', backlogAt: () => null })
  const slos = evaluateSlos({ evidence, limits: scenario.slo, writes: null })
  const judged = slos.filter(({ phase, holds }) => phase !== null && holds !== null)
  if (judged.length === 0) {
    throw failure(
      'load-not-delivered',
      `x${multiplier.toFixed(2)} has too few pages to judge: raise --scale or --probe-seconds.`,
    )
  }
  return { multiplier, holds: slos.every(({ holds }) => holds !== false), slos, load }
}

/** The hardest phase alone: a warm start needs no way up. */
function peakOf(scenario: Scenario): Scenario {
  const peak = scenario.phases.find(({ name }) => name === 'peak') ?? scenario.phases[0]
  if (peak === undefined) return scenario
  return { ...scenario, phases: [{ ...peak, share: 1 }] }
}

function failure(code: string, message: string): Failure {
  return new Failure({ code, message, source: 'client' })
}
