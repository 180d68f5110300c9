import { Failure } from '../../core/failure.ts'
import type { Portal } from '../../scenarios/portals/portal.ts'
import type { Session } from '../schedule/session.ts'
import { openWorld, startOnTime, untilQuiet } from './arrivals-process.ts'
import {
  defaultTolerances,
  type GeneratorHealth,
  type GeneratorTolerances,
  judgeGenerator,
} from './generator-verdict.ts'
import { type GeneratorUse, watchGenerator } from './generator-probe.ts'
import type { LoadResult, LoadSnapshot } from './load-result.ts'
import { portalFacts } from './page-requests.ts'
import { buildPerson, type LoadWorld, type Person, type RunContext } from './person.ts'
import { openPortalClient, type PortalClient, unreachableBecause } from './portal-client.ts'
import { Recorder } from './recorder.ts'
import { endMsOf, type PlannedPhase, type SchedulePlan } from './run-plan.ts'
import { playSession, warmUp } from './session-player.ts'
import { type LoadFailureCode, type LoadTarget, readTarget } from './target.ts'
import type { UserModel } from './user-model.ts'

/** One run: which people, on which portal, where, how impatient. */
export interface LoadRequest {
  readonly plan: SchedulePlan
  readonly portal: Portal
  /** An `http` address on loopback. */
  readonly target: string
  readonly users: UserModel
  readonly pageDeadlineMs: number
  readonly runId: string
  readonly seed: number | string
  /** People already inside log in over this time, unmeasured; at least 10 ms for each. */
  readonly preludeMs?: number
  /** How long running requests may take to finish after the last phase. */
  readonly drainMs?: number
  /** Keeps the generator's memory bounded; beyond it sessions are not started: invalid. */
  readonly maxConcurrentSessions?: number
  readonly tolerances?: GeneratorTolerances
  /** Called when a phase begins. */
  readonly onPhase?: (phase: PlannedPhase) => void
  /** What else happens at a time of the run; rejecting ends the run. */
  readonly moments?: readonly { readonly atMs: number; readonly act: () => Promise<void> }[]
  /** Called once a second. */
  readonly onProgress?: (snapshot: LoadSnapshot) => void
  /** Stops arrivals and ends early with what was measured so far. */
  readonly signal?: AbortSignal
}

/**
 * Plays a plan against a target and reports what people lived. Fails with `target-refused` or
 * `target-unreachable` before the first session; later trouble is part of the result.
 */
export async function runLoad(request: LoadRequest): Promise<LoadResult> {
  const target = readTarget(request.target)
  await assertReachable(target)
  const client = await openPortalClient(target)
  try {
    return await new LoadRun(request, client, target.origin).play()
  } finally {
    await client.close()
  }
}

const defaults = { preludeMs: 5_000, drainMs: 5_000, maxConcurrentSessions: 100_000 }
/** The pace of the prelude when its length would make it a surge of its own. */
const preludeLoginMs = 10

class LoadRun {
  private readonly request: LoadRequest
  private readonly client: PortalClient
  private readonly origin: string
  private readonly recorder: Recorder
  private readonly watch = watchGenerator()
  private alive = 0
  private started = 0
  private notStarted = 0
  private isEnding = false

  constructor(request: LoadRequest, client: PortalClient, origin: string) {
    this.request = request
    this.client = client
    this.origin = origin
    this.recorder = new Recorder(request.plan.phases)
  }

  async play(): Promise<LoadResult> {
    const { plan, signal, onPhase } = this.request
    const inside = sessionsInside(plan)
    const preludeMs = preludeOf(this.request, inside.size)
    const world = openWorld(this.client, preludeMs)
    const run = this.context(world)
    const warm = this.warmUpAll(inside, run, preludeMs)
    world.after(preludeMs, () => this.watch.restart())
    for (const phase of plan.phases) {
      world.after(preludeMs + phase.fromMs, () => onPhase?.(phase))
    }
    const moments = this.awaitMoments(world, preludeMs)
    const progress = setInterval(() => this.tick(run), 1000)
    try {
      const start = (position: number): Promise<void> => this.start(position, run, warm)
      const arrivals = await Promise.race([startOnTime({ plan, world, signal, start }), moments])
      const use = this.watch.use()
      this.isEnding = true
      const isQuiet = (): boolean => this.recorder.openVisits + this.client.inFlight === 0
      await untilQuiet(this.request.drainMs ?? defaults.drainMs, isQuiet)
      const endedAtMs = world.nowMs()
      this.recorder.close(endedAtMs)
      const { endedBy, due } = arrivals
      return this.result({ endedBy, endedAtMs, world, health: this.health(use, due) })
    } finally {
      clearInterval(progress)
      world.close()
      this.watch.stop()
    }
  }

  /** Never resolves; rejects when something that should have happened did not. */
  private awaitMoments(world: LoadWorld, preludeMs: number): Promise<never> {
    return new Promise((_, reject) => {
      for (const { atMs, act } of this.request.moments ?? []) {
        world.after(preludeMs + atMs, () => void act().catch(reject))
      }
    })
  }

  private context(world: LoadWorld): RunContext {
    const { request, origin, recorder } = this
    const { portal, runId, seed, users, pageDeadlineMs, plan } = request
    return {
      world,
      portal,
      facts: portalFacts(portal),
      origin,
      runId,
      seed,
      users,
      pageDeadlineMs,
      endMs: endMsOf(plan),
      plannedAnswerMs: plan.answerMs ?? 0,
      recorder,
      isEnding: () => this.isEnding,
    }
  }

  private async start(
    position: number,
    run: RunContext,
    warm: ReadonlyMap<number, Person>,
  ): Promise<void> {
    const { plan } = this.request
    if (this.alive >= (this.request.maxConcurrentSessions ?? defaults.maxConcurrentSessions)) {
      this.notStarted += 1
      return
    }
    const person = warm.get(position) ?? buildPerson(plan.sessionAt(position), run)
    const { startMs } = person.session
    this.recorder.startLag.record(Math.max(0, run.world.nowMs() - plan.startMsOf(position)))
    this.recorder.person(startMs < 0 ? 'warm' : 'started', startMs)
    this.started += 1
    this.alive += 1
    await playSession(person, run)
    this.alive -= 1
  }

  /** People already inside log in one after another before the origin. */
  private warmUpAll(
    inside: ReadonlyMap<number, Session>,
    run: RunContext,
    preludeMs: number,
  ): ReadonlyMap<number, Person> {
    // The last one has half a second left to log in before the run begins.
    const paceMs = Math.max(0, preludeMs - 500) / Math.max(1, inside.size)
    const warm = new Map<number, Person>()
    for (const [position, session] of inside) {
      const person = buildPerson(session, run)
      run.world.after(warm.size * paceMs, () => void warmUp(person, run))
      warm.set(position, person)
    }
    return warm
  }

  private tick(run: RunContext): void {
    const atMs = run.world.nowMs()
    this.recorder.concurrent(this.alive, atMs)
    this.request.onProgress?.({
      atMs,
      endMs: run.endMs,
      sessions: this.alive,
      requestsInFlight: this.client.inFlight,
      ...this.recorder.live(atMs),
      acknowledgedWrites: this.recorder.writes.acknowledgedCount,
      startLagP99Ms: this.recorder.startLag.quantileMs(0.99) ?? 0,
    })
  }

  private result(facts: {
    readonly endedBy: LoadResult['endedBy']
    readonly endedAtMs: number
    readonly world: LoadWorld
    readonly health: GeneratorHealth
  }): LoadResult {
    const { request, recorder } = this
    const { endedBy, endedAtMs, world, health } = facts
    return {
      schemaVersion: 1,
      runId: request.runId,
      seed: request.seed,
      planHash: request.plan.hash,
      target: this.origin,
      startedAtEpochMs: Math.round(world.wallAtMs(0)),
      endedBy,
      endedAtMs,
      pageDeadlineMs: request.pageDeadlineMs,
      users: request.users,
      ...recorder.results(),
      people: { ...recorder.people },
      writes: recorder.writes.result(),
      generator: { ...health, ...judgeGenerator(health, request.tolerances ?? defaultTolerances) },
    }
  }

  private health(use: GeneratorUse, due: number): GeneratorHealth {
    return {
      ...use,
      startLagP99Ms: this.recorder.startLag.quantileMs(0.99) ?? 0,
      startLagMaxMs: this.recorder.startLag.maxMs,
      pageLagP99Ms: this.recorder.pageLagP99Ms(),
      sessionsScheduled: due,
      sessionsStarted: this.started,
      deliveredRatio: due === 0 ? 1 : this.started / due,
      notStarted: this.notStarted,
      localFailures: this.client.localFailures,
    }
  }
}

/** Sessions that began before the run, by position in the plan. */
function sessionsInside(plan: SchedulePlan): ReadonlyMap<number, Session> {
  const inside = new Map<number, Session>()
  for (let position = 0; position < plan.sessionCount; position += 1) {
    const session = plan.sessionAt(position)
    if (session.startMs < 0) inside.set(position, session)
  }
  return inside
}

function preludeOf(request: LoadRequest, inside: number): number {
  if (inside === 0) return 0
  return Math.max(request.preludeMs ?? defaults.preludeMs, inside * preludeLoginMs)
}

async function assertReachable(target: LoadTarget): Promise<void> {
  const reason = await unreachableBecause(target)
  if (reason === undefined) return
  throw new Failure({
    code: 'target-unreachable' satisfies LoadFailureCode,
    message: `--target: expected a server at ${target.origin}, found none (${reason}).`,
    source: 'origin',
  })
}
