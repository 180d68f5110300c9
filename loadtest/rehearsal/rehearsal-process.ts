import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import { referencePortal } from '../../scenarios/portals/reference.ts'
import type { LoadSnapshot } from '../engine/load-result.ts'
import { assembleResult } from '../report/assemble.ts'
import { armEvidence } from '../report/engine-evidence.ts'
import type { ArmEvidence, RunEvidence } from '../report/evidence.ts'
import type { ArmName, Result } from '../report/result.ts'
import { reconcile } from '../report/write-audit.ts'
import { demandOf } from '../schedule/demand.ts'
import { plannedMultipliers } from '../schedule/multipliers.ts'
import { planSchedule, type Schedule } from '../schedule/plan.ts'
import type { Profile } from '../schedule/profile.ts'
import type { Scenario } from '../schedule/scenario.ts'
import { scheduleHash } from '../schedule/schedule-hash-store.ts'
import { databaseMsOf } from '../stand-in/service-model.ts'
import { type ArmPlan, type ArmRecord, playArm } from './arm-process.ts'
import { buildCast, type Cast } from './cast-process.ts'
import { openOwnFolder } from './own-folder-process.ts'
import { ecluse } from './part-process.ts'
import { scheduledTotals } from './scheduled-totals.ts'
import type { Protection, RehearsalSettings } from './settings.ts'
import type { Trouble } from './troubles.ts'

export interface RehearsalRequest {
  readonly scenarioName: string
  readonly scenario: Scenario
  /** The scenario as it is written, without flags: its surge is what the stand-in is sized for. */
  readonly writtenScenario: Scenario
  readonly profile: Profile
  readonly settings: RehearsalSettings
  readonly off: readonly Protection[]
  readonly troubles: readonly Trouble[]
  readonly runId: string
  readonly startedAt: string
  /** The command line that gives this run again. */
  readonly reproduce: string
  onProgress(progress: RehearsalProgress): void
  /** Where the edge says how it is, once it runs. */
  onEdge(operationsUrl: string): void
  /** One line for people: what is being prepared, what was sized. */
  say(line: string): void
}

export interface RehearsalProgress {
  readonly arm: ArmName
  readonly snapshot: LoadSnapshot
  readonly clock: string
  readonly backlog: number | null
}

/** A rehearsal under way. */
export interface Rehearsal {
  readonly result: Promise<Result>
  /** Stops arrivals; the result covers what was played and says that it was interrupted. */
  stopEarly(): void
  /** Kills every process; the result fails with `interrupted` when they are gone. */
  abort(): void
}

/** Plays the arms one after the other and judges them. Leaves no process and no file behind. */
export function startRehearsal(request: RehearsalRequest): Rehearsal {
  const cast = buildCast()
  const stop = { isAsked: false, now: (): void => undefined }
  return {
    result: play(request, cast, stop),
    stopEarly: () => {
      stop.isAsked = true
      stop.now()
    },
    abort: () => cast.abandon(interrupted('ended before there was anything to report.')),
  }
}

interface Stop {
  isAsked: boolean
  now(): void
}

async function play(request: RehearsalRequest, cast: Cast, stop: Stop): Promise<Result> {
  const { settings, scenario, profile } = request
  const { scale, seed, minutes } = settings
  const schedule = planSchedule({ scenario, profile, scale, seed, minutes })
  const { writtenScenario } = request
  const written =
    writtenScenario === scenario
      ? schedule
      : planSchedule({ scenario: writtenScenario, profile, scale, seed, minutes })
  const databaseSlots = slotsFor(written, settings.capacityRatio)
  request.say(sizeLine(schedule, databaseSlots))
  const folder = await openOwnFolder()
  const playing = playArms({ request, schedule, stop, cast, databaseSlots, folder: folder.path })
  try {
    const records = await Promise.race([playing, cast.broken])
    return assembleResult(await evidenceOf(request, schedule, records))
  } finally {
    await cast.endAll()
    // Whatever it waited for has ended, and nothing can be started any more.
    await Promise.allSettled([playing])
    await folder.remove()
  }
}

type Records = Partial<Record<ArmName, ArmRecord>>

async function playArms(facts: {
  request: RehearsalRequest
  schedule: Schedule
  stop: Stop
  cast: Cast
  databaseSlots: number
  folder: string
}): Promise<Records> {
  const { cast, stop, folder, request } = facts
  const { arms } = request.settings
  const names: readonly ArmName[] = arms === 'both' ? ['direct', 'edge'] : [arms]
  const keysFolder = await makeKeys(cast, folder)
  const records: Records = {}
  for (const name of names) {
    if (stop.isAsked) break
    records[name] = await playArm(cast, armPlan({ ...facts, name, keysFolder }))
  }
  if (Object.keys(records).length === 0) throw interrupted('ended before anybody was played.')
  return records
}

function interrupted(message: string): Failure {
  return new Failure({ code: 'interrupted', message, source: 'client' })
}

/**
 * Database slots so that the demand of the peak is `surgeOverCapacity` times what they can do: a
 * portal that carries its ordinary day with ease, as the Eure's carried 5,000 people of 15,000.
 */
function slotsFor(schedule: Schedule, capacityRatio: number): number {
  const demand = demandOf(schedule, {
    portal: referencePortal,
    secondsPerService: (service) => databaseMsOf(service) / 1_000,
    secondsPerAsset: 0,
  })
  const peak = demand.find(({ name }) => name === 'peak')?.bottleneckSecondsPerSecond ?? 0
  const { surgeOverCapacity } = schedule.request.scenario.capacity
  return Math.max(2, Math.round((peak / surgeOverCapacity) * capacityRatio))
}

function sizeLine(schedule: Schedule, slots: number): string {
  const { scenario, scale, seed } = schedule.request
  const seconds = Math.round(schedule.durationMs / 1_000)
  return (
    `${scenario.title.en}: ${schedule.sessionCount} people in ${seconds} s an arm, ` +
    `scale ${scale}, seed ${seed}; the stand-in has ${slots} database slots.`
  )
}

async function makeKeys(cast: Cast, folder: string): Promise<string> {
  const keysFolder = join(folder, 'keys')
  const command = ecluse('key maker', ['keys', 'init', keysFolder])
  const maker = await cast.start({ ...command, readyWhen: 'started', mayEndWith: [0] })
  await maker.exited
  return keysFolder
}

function armPlan(facts: {
  request: RehearsalRequest
  schedule: Schedule
  stop: Stop
  name: ArmName
  folder: string
  keysFolder: string
  databaseSlots: number
}): ArmPlan {
  const { request, schedule, stop, name } = facts
  const { settings, off, troubles, runId } = request
  const clockAt = clockOf(schedule)
  return {
    name,
    folder: join(facts.folder, name),
    keysFolder: facts.keysFolder,
    scenario: request.scenarioName,
    runId: `${runId}-${name}`,
    settings,
    off,
    troubles,
    databaseSlots: facts.databaseSlots,
    thinkCompression: schedule.thinkCompression,
    peopleInside: peopleInside(schedule),
    onSnapshot: (snapshot, backlog) =>
      request.onProgress({ arm: name, snapshot, clock: clockAt(snapshot.atMs), backlog }),
    onEdge: request.onEdge,
    onRunning: (stopEarly) => {
      stop.now = stopEarly
      if (stop.isAsked) stopEarly()
    },
  }
}

function peopleInside(schedule: Schedule): number {
  let inside = 0
  for (let index = 0; index < schedule.sessionCount; index += 1) {
    if (schedule.sessionAt(index).startMs < 0) inside += 1
  }
  return Math.max(1, inside)
}

async function evidenceOf(
  request: RehearsalRequest,
  schedule: Schedule,
  records: Records,
): Promise<RunEvidence> {
  const { scenario, settings, off } = request
  const { scale, seed } = settings
  const planned = plannedMultipliers(schedule.request)
  const scheduled = scheduledTotals(schedule)
  const { multipliers: requested } = scenario
  return {
    startedAt: request.startedAt,
    scenario: { name: scenario.name, title: scenario.title },
    schedule: {
      hash: scheduleHash(schedule),
      seed,
      scale,
      mode: schedule.thinkCompression === 1 ? 'real' : 'rates',
      fidelity: schedule.fidelity,
      multipliers: {
        sessions: {
          requested: requested.sessions,
          planned: planned.sessions,
          scheduled: scheduled.sessions,
        },
        pages: { requested: requested.pages, planned: planned.pages, scheduled: scheduled.pages },
        duration: {
          requested: requested.duration,
          planned: planned.duration,
          scheduled: scheduled.meanDurationMs,
        },
      },
    },
    limits: scenario.slo,
    arms: {
      direct: records.direct ? evidenceOfArm(records.direct, schedule) : null,
      edge: records.edge ? evidenceOfArm(records.edge, schedule) : null,
    },
    writes: auditOf(records),
    troubles: request.troubles,
    protectionsOff: [...off, ...(settings.retries === 'off' ? ['retries'] : [])],
    reproduce: request.reproduce,
    versions: await versions(),
    notMeasured: {},
  }
}

function evidenceOfArm(record: ArmRecord, schedule: Schedule): ArmEvidence {
  const evidence = armEvidence({
    load: record.load,
    origin: record.stats?.phases ?? null,
    clockAt: clockOf(schedule),
    backlogAt: (atMs) => record.pulse.backlogAt(atMs),
  })
  const timeline = evidence.timeline.map((row) => ({
    ...row,
    poolUsefulRatio: record.pulse.usefulRatioAt(row.atMs),
  }))
  return { ...evidence, timeline }
}

function auditOf(records: Records): RunEvidence['writes'] {
  const { edge } = records
  if (edge === undefined) return { notAudited: 'the edge arm was not run' }
  if (edge.ledger === null) {
    return { notAudited: 'only the stand-in keeps a ledger of what was applied' }
  }
  return reconcile({
    acknowledged: edge.load.writes.acknowledged,
    ledger: edge.ledger,
    deadLetterKeys: edge.deadLetters,
  })
}

function clockOf(schedule: Schedule): (atMs: number) => string {
  return (atMs) => {
    const bounded = Math.min(Math.max(0, atMs), schedule.durationMs - 1)
    const minutes = Math.floor(schedule.clockMinutesAt(bounded))
    const two = (value: number): string => String(value).padStart(2, '0')
    return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
  }
}

async function versions(): Promise<Record<string, string>> {
  const file = new URL('../../package.json', import.meta.url)
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string }
  return { ecluse: version, node: process.versions.node }
}
