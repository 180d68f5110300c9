import type { Meter } from '../core/metric-catalogue.ts'
import { tierReads } from './cache/shared-tier.ts'
import { notStoredReasons } from './cache/storability.ts'
import {
  type OutcomeGroup,
  outcomeGroup,
  type Reason,
  reasons,
  type ServedFrom,
} from './outcome.ts'
import { originServers, stageSwitches } from './policy/policy.ts'

const servedFrom: readonly ServedFrom[] = [
  'fresh',
  'stale',
  'coalesced',
  'revalidated',
  'origin',
  'edge',
]
const turnedAway = Object.keys(reasons) as readonly Reason[]

/** Every metric of the edge. docs/metrics.md is tested against this. */
export const gatewayMetrics = {
  ecluse_requests_total: {
    kind: 'counter',
    unit: 'requests',
    help: 'Requests by route class and by the one way in which each ended.',
    labels: {
      class: 'policy',
      outcome: [...servedFrom, ...turnedAway, 'absorbed', 'abandoned'] as readonly (
        | ServedFrom
        | Reason
        | 'absorbed'
        | 'abandoned'
      )[],
    },
  },
  ecluse_hot_answers_total: {
    kind: 'counter',
    unit: 'answers',
    help: 'Fresh answers that the hot lane gave, without the pipeline; counted as requests too.',
    labels: { class: 'policy' },
  },
  ecluse_request_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    help: 'Time from the first byte of a request to the last byte of its answer.',
    labels: { class: 'policy' },
    buckets: [0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12, 30],
  },
  ecluse_origin_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    help: 'Time from sending a request to the origin to the first byte of its answer.',
    labels: { class: 'policy', server: originServers },
    buckets: [0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12, 30],
  },
  ecluse_origins_resting: {
    kind: 'gauge',
    unit: 'origins',
    help: 'Origins that are left alone because they did not answer.',
    labels: {},
  },
  ecluse_edge_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    help: 'Time a request took of the edge itself: without the line, Redis, the origin and the client.',
    labels: {},
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
  },
  ecluse_redis_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    help: 'Time from sending a command to Redis to its reply or its failure.',
    labels: { role: ['durable', 'volatile'] },
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
  },
  ecluse_redis_up: {
    kind: 'gauge',
    unit: 'truth',
    help: 'Whether a configured Redis can be asked.',
    labels: { role: ['durable', 'volatile'] },
  },
  ecluse_probe_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    help: 'Time of a probe every 5 s: through the edge as people go, or around it to the origin.',
    labels: { way: ['through', 'around'] },
    buckets: [0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 5],
  },
  ecluse_probes_total: {
    kind: 'counter',
    unit: 'probes',
    help: 'Probes by way and by whether a useful answer came within 5 s.',
    labels: { way: ['through', 'around'], result: ['good', 'bad'] },
  },
  ecluse_school_requests_per_second: {
    kind: 'gauge',
    unit: 'requests per second',
    help: 'Requests of the last minute by the 20 busiest schools, and the rest as one.',
    labels: { school: 'top-schools', result: ['served', 'turned-away'] },
  },
  ecluse_stage_enforced: {
    kind: 'gauge',
    unit: 'truth',
    help: 'Whether the policy in force has this protection on.',
    labels: { stage: stageSwitches },
  },
  ecluse_closed_classes: {
    kind: 'gauge',
    unit: 'classes',
    help: 'Route classes that the policy in force has closed.',
    labels: {},
  },
  ecluse_policy_version: {
    kind: 'gauge',
    unit: 'version',
    help: 'Version of the policy in force.',
    labels: {},
  },
  ecluse_gate_slots: {
    kind: 'gauge',
    unit: 'requests',
    help: 'Requests the policy in force lets the origin work on at once.',
    labels: { server: originServers },
  },
  ecluse_gate_in_flight: {
    kind: 'gauge',
    unit: 'requests',
    help: 'Requests the origin is working on for the edge.',
    labels: { server: originServers },
  },
  ecluse_gate_queued: {
    kind: 'gauge',
    unit: 'requests',
    help: 'Requests waiting for a slot of the gate.',
    labels: { server: originServers },
  },
  ecluse_gate_limit: {
    kind: 'gauge',
    unit: 'requests',
    help: 'Requests the gate lets the origin work on at once.',
    labels: { server: originServers },
  },
  ecluse_gate_slowness_ratio: {
    kind: 'gauge',
    unit: 'ratio',
    help: 'How much longer the origin takes than when it has time to spare.',
    labels: { server: originServers },
  },
  ecluse_gate_wait_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    help: 'Time an admitted request waited for its slot.',
    labels: { server: originServers },
    buckets: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8],
  },
  ecluse_inside_sessions: {
    kind: 'gauge',
    unit: 'sessions',
    help: 'Sessions that are inside and were active recently.',
    labels: {},
  },
  ecluse_waiting_people: {
    kind: 'gauge',
    unit: 'people',
    help: 'People holding a place in the waiting room.',
    labels: {},
  },
  ecluse_cache_bytes: {
    kind: 'gauge',
    unit: 'bytes',
    help: 'Bytes of stored answers in memory.',
    labels: {},
  },
  ecluse_cache_answers_total: {
    kind: 'counter',
    unit: 'answers',
    help: 'Answers to cacheable questions by what became of them: stored, or why not.',
    labels: { class: 'policy', decision: ['stored', ...notStoredReasons] },
  },
  ecluse_cache_tier_reads_total: {
    kind: 'counter',
    unit: 'requests',
    help: 'Looks into what the processes share, before the origin is asked, by what was found.',
    labels: { result: tierReads },
  },
  ecluse_cache_refreshes_total: {
    kind: 'counter',
    unit: 'refreshes',
    help: 'Refreshes behind an answer already given: begun, or left out because too many ran.',
    labels: { class: 'policy', result: ['begun', 'left-out'] },
  },
  ecluse_limiter_fallback_total: {
    kind: 'counter',
    unit: 'decisions',
    help: 'Quota decisions taken locally because Redis did not answer in time.',
    labels: {},
  },
  ecluse_writes_absorbed_total: {
    kind: 'counter',
    unit: 'writes',
    help: 'Writes acknowledged with a receipt after they were stored durably.',
    labels: { class: 'policy', level: ['local-fsync', 'queue-fsync', 'declared'] },
  },
  ecluse_spool_writes: {
    kind: 'gauge',
    unit: 'writes',
    help: 'Acknowledged writes in the spool that the queue does not have yet.',
    labels: {},
  },
  ecluse_spool_bytes: {
    kind: 'gauge',
    unit: 'bytes',
    help: 'Bytes of the spool in use, of spool.maxBytes.',
    labels: {},
  },
  ecluse_write_trials_total: {
    kind: 'counter',
    unit: 'writes',
    help: 'Stored writes that the edge tried itself, by what their senders got; lost ones are left to the workers.',
    labels: { end: ['answer', 'receipt', 'lost'] },
  },
  ecluse_writes_driven_again_total: {
    kind: 'counter',
    unit: 'writes',
    help: 'Dead letters tried again because their owner has logged in; or logins at which the queue was silent.',
    labels: { end: ['done', 'queue-unavailable'] },
  },
  ecluse_drain_writes_per_second: {
    kind: 'gauge',
    unit: 'writes per second',
    help: 'Pace at which workers settle writes while some are owed.',
    labels: {},
  },
  ecluse_drain_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    help: 'Time that what is owed would take at that pace; -1 while nobody can say.',
    labels: {},
  },
  ecluse_backlog_writes: {
    kind: 'gauge',
    unit: 'writes',
    help: 'Acknowledged writes that the origin has not applied yet.',
    labels: {},
  },
  ecluse_backlog_age_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    help: 'Age of the oldest acknowledged write that the origin has not applied yet.',
    labels: {},
  },
} as const

export type GatewayMeter = Meter<typeof gatewayMetrics>

type OutcomeLabel = (typeof gatewayMetrics.ecluse_requests_total.labels.outcome)[number]

/** The labels of `outcome` in one group, for queries. */
export function outcomesOf(group: OutcomeGroup): readonly OutcomeLabel[] {
  const { outcome } = gatewayMetrics.ecluse_requests_total.labels
  return outcome.filter((label) => outcomeGroup(label) === group)
}
