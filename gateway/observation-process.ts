import type { Clock } from '../core/clock.ts'
import { LiveFeed } from '../core/live-feed.ts'
import { poolRules } from './admission/pools.ts'
import type { FinishedRequest } from './client-route.ts'
import { type GatewayMeter, gatewayMetrics } from './metrics.ts'
import { type AccessLog, openAccessLog } from './operations/access-log-store.ts'
import type { EdgeHealth, Surroundings } from './operations/health.ts'
import { startProbes } from './operations/is-it-us-probe.ts'
import {
  edgeFigures,
  edgeFiguresOf,
  type Samples,
  watchedMetrics,
} from './operations/live-figures.ts'
import { edgeState } from './operations/live-state.ts'
import { type MetricsStore, metricsStore } from './operations/metrics-store.ts'
import { SchoolLoad, type SchoolRate } from './operations/school-load.ts'
import { originServers, stageSwitches } from './policy/policy.ts'
import type { PolicyHolder } from './policy/policy-store.ts'
import { type GatewaySettings, originUrls } from './settings.ts'

/** Everything by which people see what one edge process does. */
export interface Observation {
  readonly meter: GatewayMeter
  readonly onFinish: (finished: FinishedRequest) => void
  /** Requests of people of a school that nobody tells one by one: the hot lane's. */
  readonly onServed: (school: string | null, requests: number) => void
  /** The Prometheus text, with what is only looked at when somebody asks. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>
  /** The live feed, a row each second. */
  readonly feed: LiveFeed
  /** Begins what needs the edge to be reachable. */
  start(edgeUrl: string): void
  close(): Promise<void>
}

/** Schools named in the metrics; the others are one. */
const namedSchools = 20

export interface ObservationFacts {
  readonly settings: GatewaySettings
  readonly clock: Clock
  readonly policy: PolicyHolder
  health(): EdgeHealth
  log(line: string): void
  surroundings(): Omit<Surroundings, 'isDraining'>
}

export function openObservation(facts: ObservationFacts): Observation {
  const { clock } = facts
  const store = metricsStore(gatewayMetrics)
  const { meter } = store
  const schools = new SchoolLoad()
  let probes: { close(): void } | undefined
  const feed = new LiveFeed({ kind: 'edge', figures: edgeFigures, arms: [edgeArm] })
  const looking = startLooking(facts, store, feed)
  const log = accessLogOf(facts)
  return {
    meter,
    feed,
    onFinish: (finished) => {
      log?.note(finished)
      const { exchange, outcome } = finished
      if (outcome.kind === 'abandoned') return
      const end = outcome.kind === 'turned-away' ? 'turnedAway' : 'served'
      schools.note(exchange.identity.principal?.school ?? null, end, clock.monotonicMs())
    },
    onServed: (school, served) =>
      schools.noteMany(school, { served, turnedAway: 0 }, clock.monotonicMs()),
    metrics: async () => {
      sayWhatIsInForce(facts, meter)
      const rates = schools.rates(namedSchools, clock.monotonicMs())
      store.replace('ecluse_school_requests_per_second', rates.flatMap(seriesOf))
      return { contentType: store.contentType, text: await store.text() }
    },
    start: (edgeUrl) => {
      probes = probesOf(facts, edgeUrl, meter)
    },
    close: async () => {
      clearInterval(looking)
      probes?.close()
      feed.close()
      await log?.close()
    },
  }
}

const edgeArm = 'edge'
const lookEveryMs = 1_000

/** Adds a row to the feed each second, from the metrics that /metrics gives. */
function startLooking(
  facts: ObservationFacts,
  store: MetricsStore<typeof gatewayMetrics>,
  feed: LiveFeed,
): NodeJS.Timeout {
  const { clock } = facts
  let before: Samples = {}
  let lookedAtMs = clock.monotonicMs()
  const look = async (): Promise<void> => {
    sayWhatIsInForce(facts, store.meter)
    const now = await store.samples(watchedMetrics)
    const nowMs = clock.monotonicMs()
    const seconds = Math.max(0.001, (nowMs - lookedAtMs) / 1_000)
    feed.row(edgeArm, clock.wallMs(), edgeFiguresOf(before, now, seconds))
    feed.put(edgeState(facts.policy, facts.health()))
    before = now
    lookedAtMs = nowMs
  }
  return setInterval(() => void look(), lookEveryMs).unref()
}

function accessLogOf({ settings, clock, log }: ObservationFacts): AccessLog | undefined {
  const file = settings['log.file']
  if (file === undefined) return undefined
  const onFault = (error: Error): void => log(`fault: log.file: ${error.message}`)
  return openAccessLog({ file, clock, oneIn: settings['log.oneIn'], onFault })
}

function seriesOf({ school, servedPerSecond, turnedAwayPerSecond }: SchoolRate) {
  return [
    { labels: { school, result: 'served' as const }, value: servedPerSecond },
    { labels: { school, result: 'turned-away' as const }, value: turnedAwayPerSecond },
  ]
}

function sayWhatIsInForce(facts: ObservationFacts, meter: GatewayMeter): void {
  const { volatileRedis, durableRedis } = facts.surroundings()
  const roles = [
    { role: 'volatile', state: volatileRedis },
    { role: 'durable', state: durableRedis },
  ] as const
  for (const { role, state } of roles) {
    if (state !== 'not configured') meter.set('ecluse_redis_up', { role }, state === 'up' ? 1 : 0)
  }
  const { version, stages, closed, gate } = facts.policy.current()
  for (const stage of stageSwitches) {
    meter.set('ecluse_stage_enforced', { stage }, stages[stage] === 'enforce' ? 1 : 0)
  }
  meter.set('ecluse_policy_version', {}, version)
  meter.set('ecluse_closed_classes', {}, closed.length)
  for (const server of originServers)
    meter.set('ecluse_gate_slots', { server }, poolRules(server, gate).maxInFlight)
}

function probesOf({ settings, clock }: ObservationFacts, edgeUrl: string, meter: GatewayMeter) {
  const path = settings['probe.path']
  if (path === undefined) return undefined
  return startProbes({
    clock,
    edgeUrl,
    path,
    originUrl: originUrls(settings)[0] as string,
    everyMs: settings['probe.everySeconds'] * 1_000,
    note: ({ way, result, seconds }) => {
      meter.count('ecluse_probes_total', { way, result })
      meter.observe('ecluse_probe_seconds', { way }, seconds)
    },
  })
}
