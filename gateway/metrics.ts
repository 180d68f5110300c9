import type { Meter } from '../core/metric-catalogue.ts'
import { notStoredReasons } from './cache/storability.ts'
import { type Reason, reasons, type ServedFrom } from './outcome.ts'

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
  ecluse_request_seconds: {
    kind: 'histogram',
    help: 'Time from the first byte of a request to the last byte of its answer.',
    labels: { class: 'policy' },
    buckets: [0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12, 30],
  },
  ecluse_origin_seconds: {
    kind: 'histogram',
    help: 'Time from sending a request to the origin to the first byte of its answer.',
    labels: { class: 'policy' },
    buckets: [0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12, 30],
  },
  ecluse_gate_in_flight: {
    kind: 'gauge',
    help: 'Requests the origin is working on for the edge.',
    labels: {},
  },
  ecluse_gate_queued: {
    kind: 'gauge',
    help: 'Requests waiting for a slot of the gate.',
    labels: {},
  },
  ecluse_gate_wait_seconds: {
    kind: 'histogram',
    help: 'Time an admitted request waited for its slot.',
    labels: {},
    buckets: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8],
  },
  ecluse_inside_sessions: {
    kind: 'gauge',
    help: 'Sessions that are inside and were active recently.',
    labels: {},
  },
  ecluse_waiting_people: {
    kind: 'gauge',
    help: 'People holding a place in the waiting room.',
    labels: {},
  },
  ecluse_cache_bytes: {
    kind: 'gauge',
    help: 'Bytes of stored answers in memory.',
    labels: {},
  },
  ecluse_cache_answers_total: {
    kind: 'counter',
    help: 'Answers to cacheable questions by what became of them: stored, or why not.',
    labels: { class: 'policy', decision: ['stored', ...notStoredReasons] },
  },
  ecluse_cache_refreshes_total: {
    kind: 'counter',
    help: 'Refreshes behind an answer already given: begun, or left out because too many ran.',
    labels: { class: 'policy', result: ['begun', 'left-out'] },
  },
  ecluse_limiter_fallback_total: {
    kind: 'counter',
    help: 'Quota decisions taken locally because Redis did not answer in time.',
    labels: {},
  },
  ecluse_writes_absorbed_total: {
    kind: 'counter',
    help: 'Writes acknowledged with a receipt after they were stored durably.',
    labels: { class: 'policy' },
  },
  ecluse_backlog_writes: {
    kind: 'gauge',
    help: 'Acknowledged writes that the origin has not applied yet.',
    labels: {},
  },
  ecluse_backlog_age_seconds: {
    kind: 'gauge',
    help: 'Age of the oldest acknowledged write that the origin has not applied yet.',
    labels: {},
  },
} as const

export type GatewayMeter = Meter<typeof gatewayMetrics>
