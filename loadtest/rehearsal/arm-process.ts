import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LoadResult, LoadSnapshot } from '../engine/load-result.ts'
import type { PlannedPhase } from '../engine/run-plan.ts'
import type { ArmName } from '../report/result.ts'
import type { LedgerRow } from '../report/write-audit.ts'
import type { Cast } from './cast-process.ts'
import { writeEdgeFiles } from './edge-files-store.ts'
import { surgeArguments } from '../schedule/surge-flags.ts'
import { buildPulse, type Pulse } from './pulse-probe.ts'
import { ecluse, type Part } from './part-process.ts'
import { startRedis } from './redis-process.ts'
import type { Protection, RehearsalSettings } from './settings.ts'
import type { Trouble } from './troubles.ts'
import { buildTroubles, type Troubles } from './troubles-process.ts'
import { deadLetterKeys, type StandInStats, standInStats, workerStats } from './stand-in-client.ts'

export interface ArmPlan {
  readonly name: ArmName
  /** A folder of the rehearsal's own, gone afterwards. */
  readonly folder: string
  readonly keysFolder: string
  readonly scenario: string
  readonly runId: string
  readonly settings: RehearsalSettings
  readonly off: readonly Protection[]
  readonly troubles: readonly Trouble[]
  readonly databaseSlots: number
  readonly thinkCompression: number
  /** People who are inside when the run begins. */
  readonly peopleInside: number
  onSnapshot(snapshot: LoadSnapshot, backlog: number | null): void
  onEdge(operationsUrl: string): void
  /** Called with the way to end the load early, once it runs. */
  onRunning(stopEarly: () => void): void
}

/** What one arm left behind. `stats`, `ledger` are null when the target is not our stand-in. */
export interface ArmRecord {
  readonly load: LoadResult
  readonly stats: StandInStats | null
  readonly ledger: readonly LedgerRow[] | null
  readonly deadLetters: readonly string[]
  readonly pulse: Pulse
}

/**
 * Plays one arm from a cold start to the last absorbed write, and ends every process of it. When
 * a part ends early `cast.broken` says so; this only comes to an end then, with a result of no use.
 */
export async function playArm(cast: Cast, plan: ArmPlan): Promise<ArmRecord> {
  await mkdir(plan.folder, { recursive: true })
  const { target } = plan.settings
  const standIn = target === undefined ? await startStandIn(cast, plan) : null
  const originUrl = target ?? String(standIn?.ready['url'])
  const edge = plan.name === 'edge' ? await startEdge(cast, { plan, originUrl }) : null
  const controlUrl = standIn?.ready['controlUrl'] ?? null
  const pulse = buildPulse({ controlUrl, workersUrl: edge?.workersUrl ?? null })
  const address = edge?.url ?? originUrl
  const troubles = buildTroubles({
    names: plan.troubles,
    target: address,
    controlUrl: String(controlUrl),
    databaseSlots: plan.databaseSlots,
    crashRedis: edge?.crashRedis ?? null,
  })
  try {
    await troubles.prepare()
    const load = await playLoad(cast, plan, { target: address, controlUrl, pulse, troubles })
    const writes = edge === null ? [] : await settledWrites(edge.workersUrl, plan.keysFolder)
    const stats = controlUrl === null ? null : await standInStats(controlUrl)
    await cast.endAll()
    const ledger = standIn === null ? null : await readLedger(ledgerFile(plan))
    return { load, stats, ledger, deadLetters: writes, pulse }
  } finally {
    troubles.stop()
    pulse.stop()
  }
}

/** Waits for the last absorbed write, and names those that were parked. */
async function settledWrites(workersUrl: string, keysFolder: string): Promise<readonly string[]> {
  await drained(workersUrl)
  const token = await readFile(join(keysFolder, 'internal.token'), 'utf8')
  return deadLetterKeys(workersUrl, token.trim())
}

const dialect = fileURLToPath(new URL('../../gateway/dialects/reference.yaml', import.meta.url))

function startStandIn(cast: Cast, plan: ArmPlan): Promise<Part> {
  const { settings, off } = plan
  return cast.start(
    ecluse('stand-in', [
      'stand-in',
      '--ledger',
      ledgerFile(plan),
      '--database-slots',
      String(plan.databaseSlots),
      '--contention',
      String(settings.contention),
      '--ecluse-fields',
      'on',
      '--assertion-key-file',
      join(plan.keysFolder, 'assertion.key'),
      '--deduplicate',
      off.includes('deduplication') ? 'off' : 'on',
      '--seed',
      String(settings.seed),
      '--stop-with-parent',
    ]),
  )
}

async function startEdge(cast: Cast, { plan, originUrl }: { plan: ArmPlan; originUrl: string }) {
  const { folder, keysFolder, off } = plan
  const isKept = !off.includes('durable-queue')
  const durable = await startRedis(cast, { folder, role: 'durable', isKept })
  const volatile = await startRedis(cast, { folder, role: 'volatile', isKept })
  const files = await writeEdgeFiles({
    folder,
    keysFolder,
    policyFile: dialect,
    originUrl,
    sockets: { durable: durable.socket, volatile: volatile.socket },
    maxInFlight: plan.settings.target === undefined ? gateOf(plan.databaseSlots) : null,
    thinkCompression: plan.thinkCompression,
    peopleInside: plan.peopleInside,
    off,
  })
  const gateway = await cast.start(
    ecluse('edge', ['gateway', '--config', files.gateway, '--stop-with-parent']),
  )
  plan.onEdge(gateway.ready['operationsUrl'] as string)
  const config = await files.workers(gateway.ready['internalUrl'] as string)
  const workers = await cast.start(
    ecluse('workers', ['workers', '--config', config, '--stop-with-parent']),
  )
  return {
    url: gateway.ready['url'] as string,
    workersUrl: String(workers.ready['url']),
    crashRedis: (downMs: number) => cast.crash(durable.part, downMs),
  }
}

/**
 * Requests the stand-in is given at once: its slots, and enough beside them to keep them busy
 * while a request is with a worker or on the wire. More would only slow it down; useful work is
 * greatest about 1.25 (its capacity model played on its own: 0.94 of the slots' time from 1.17 to
 * 1.26, 0.92 at 1.1 and at 1.4, 0.90 at 1.5).
 */
function gateOf(databaseSlots: number): number {
  return Math.ceil(databaseSlots * 1.25)
}

async function playLoad(
  cast: Cast,
  plan: ArmPlan,
  facts: {
    readonly target: string
    /** Where scenarios that disturb the portal find the stand-in. */
    readonly controlUrl: string | null
    readonly pulse: Pulse
    readonly troubles: Troubles
  },
): Promise<LoadResult> {
  const out = join(plan.folder, 'load.json')
  const { settings } = plan
  const run = await cast.start({
    ...ecluse('load engine', [
      'run',
      plan.scenario,
      '--target',
      facts.target,
      '--out',
      out,
      '--json',
      '--scale',
      String(settings.scale),
      '--seed',
      String(settings.seed),
      ...(settings.minutes === undefined ? [] : ['--minutes', String(settings.minutes)]),
      ...surgeArguments(settings),
      ...(facts.controlUrl === null ? [] : ['--control', facts.controlUrl]),
      '--retries',
      settings.retries,
      '--run-id',
      plan.runId,
      '--stop-with-parent',
    ]),
    mayEndWith: [valid, invalid, interrupted],
  })
  run.onLine((line) => {
    const said = JSON.parse(line) as EngineWord
    if (said.event === 'phase') {
      facts.pulse.enter(said.name, said.toMs - said.fromMs)
      facts.troubles.enter(said.name, said.toMs - said.fromMs)
    }
    if (said.event !== 'progress') return
    facts.pulse.follow(said.atMs)
    plan.onSnapshot(said, facts.pulse.backlog())
  })
  plan.onRunning(() => run.signal('SIGINT'))
  await run.exited
  return JSON.parse(await readFile(out, 'utf8')) as LoadResult
}

/** Exit codes with which the engine leaves a result: delivered, not delivered, stopped early. */
const [valid, invalid, interrupted] = [0, 4, 130]

/** A line of the engine's: a phase begins, a second has passed, the run is over. */
type EngineWord =
  | ({ readonly event: 'phase' } & PlannedPhase)
  | ({ readonly event: 'progress' } & LoadSnapshot)
  | { readonly event: 'ended' }

/** Waits until every absorbed write is applied or parked; two minutes are more than it takes. */
async function drained(workersUrl: string): Promise<void> {
  for (let round = 0; round < 480; round += 1) {
    if ((await workerStats(workersUrl)).backlog === 0) return
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

function ledgerFile(plan: ArmPlan): string {
  return join(plan.folder, 'ledger.ndjson')
}

async function readLedger(file: string): Promise<LedgerRow[]> {
  const text = await readFile(file, 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerRow)
}
