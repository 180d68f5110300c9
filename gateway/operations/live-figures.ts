import { type OutcomeGroup, outcomeGroup } from '../outcome.ts'

/** What the live page shows of an edge, in the order of the feed's rows. docs/live-feed.md says each. */
export const edgeFigures = [
  'servedPerSecond',
  'turnedAwayPerSecond',
  'turnedAwayShareRatio',
  'waitAnswersPerSecond',
  'failedPerSecond',
  'abandonedPerSecond',
  'p95Ms',
  'storedShareRatio',
  'insideSessions',
  'waitingPeople',
  'inFlight',
  'queued',
  'slots',
  'absorbedPerSecond',
  'backlogWrites',
  'backlogAgeSeconds',
  'queueP95Ms',
  'edgeP95Ms',
  'redisP95Ms',
  'portalP95Ms',
  'identityP95Ms',
  'throughGoodRatio',
  'aroundGoodRatio',
  'servedTotal',
  'turnedAwayTotal',
] as const

/** What they are worked out from. */
export const watchedMetrics = [
  'ecluse_requests_total',
  'ecluse_request_seconds',
  'ecluse_inside_sessions',
  'ecluse_waiting_people',
  'ecluse_gate_in_flight',
  'ecluse_gate_queued',
  'ecluse_gate_slots',
  'ecluse_gate_wait_seconds',
  'ecluse_writes_absorbed_total',
  'ecluse_backlog_writes',
  'ecluse_backlog_age_seconds',
  'ecluse_edge_seconds',
  'ecluse_redis_seconds',
  'ecluse_origin_seconds',
  'ecluse_probes_total',
] as const

const portal = { server: 'portal' }

export type EdgeFigures = Record<(typeof edgeFigures)[number], number | null>

/** Values of one metric at one moment; `le` is the upper bound of a histogram's bucket. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** By metric name; histograms give their buckets alone. */
export type Samples = Readonly<Record<string, readonly Sample[]>>

/**
 * The figures of the stretch between two looks at the same metrics that /metrics gives, so that
 * page and Prometheus cannot disagree. Percentiles are interpolated as histogram_quantile does.
 */
export function edgeFiguresOf(before: Samples, now: Samples, seconds: number): EdgeFigures {
  const ended = endings(now)
  const past = endings(before)
  const rate = (group: Ending): number => (ended[group] - past[group]) / seconds
  const gauge = (name: string, labels: Sample['labels'] = {}): number | null =>
    pick(now, name, labels)[0]?.value ?? null
  const p95 = (name: string, labels: Sample['labels'] = {}): number | null =>
    quantileMs(pick(before, name, labels), pick(now, name, labels), 0.95)
  const servedNow = ended.served - past.served
  const storedNow = ended.stored - past.stored
  return {
    servedPerSecond: rate('served'),
    turnedAwayPerSecond: rate('turnedAway'),
    turnedAwayShareRatio: share(ended, past),
    waitAnswersPerSecond: rate('waiting'),
    failedPerSecond: rate('failed'),
    abandonedPerSecond: rate('abandoned'),
    p95Ms: p95('ecluse_request_seconds'),
    storedShareRatio: servedNow > 0 ? storedNow / servedNow : null,
    insideSessions: gauge('ecluse_inside_sessions'),
    waitingPeople: gauge('ecluse_waiting_people'),
    inFlight: gauge('ecluse_gate_in_flight', portal),
    queued: gauge('ecluse_gate_queued', portal),
    slots: gauge('ecluse_gate_slots', portal),
    absorbedPerSecond:
      (total(now['ecluse_writes_absorbed_total']) - total(before['ecluse_writes_absorbed_total'])) /
      seconds,
    backlogWrites: gauge('ecluse_backlog_writes'),
    backlogAgeSeconds: gauge('ecluse_backlog_age_seconds'),
    queueP95Ms: p95('ecluse_gate_wait_seconds', portal),
    edgeP95Ms: p95('ecluse_edge_seconds'),
    redisP95Ms: p95('ecluse_redis_seconds'),
    portalP95Ms: p95('ecluse_origin_seconds', portal),
    identityP95Ms: p95('ecluse_origin_seconds', { server: 'identity-provider' }),
    throughGoodRatio: goodRatio(before, now, 'through'),
    aroundGoodRatio: goodRatio(before, now, 'around'),
    servedTotal: ended.served,
    turnedAwayTotal: ended.turnedAway,
  }
}

type Ending = OutcomeGroup | 'stored'

const stored: ReadonlySet<string> = new Set(['fresh', 'stale', 'coalesced', 'revalidated'])

function endings(samples: Samples): Record<Ending, number> {
  const sums = { served: 0, stored: 0, turnedAway: 0, waiting: 0, failed: 0, abandoned: 0 }
  for (const { labels, value } of samples['ecluse_requests_total'] ?? []) {
    const outcome = String(labels['outcome'])
    sums[outcomeGroup(outcome)] += value
    if (stored.has(outcome)) sums.stored += value
  }
  return sums
}

/** Of the requests that somebody waited for, those that were turned away. */
function share(ended: Record<Ending, number>, past: Record<Ending, number>): number | null {
  const grown = (group: Ending): number => ended[group] - past[group]
  const all = grown('served') + grown('turnedAway') + grown('waiting') + grown('failed')
  return all > 0 ? grown('turnedAway') / all : null
}

function pick(samples: Samples, name: string, labels: Sample['labels']): readonly Sample[] {
  const wanted = Object.entries(labels)
  return (samples[name] ?? []).filter((sample) =>
    wanted.every(([label, value]) => sample.labels[label] === value),
  )
}

function total(samples: readonly Sample[] = []): number {
  return samples.reduce((sum, { value }) => sum + value, 0)
}

/** Of the probes since the last look; null when none has come back. */
function goodRatio(before: Samples, now: Samples, way: string): number | null {
  const grown = (labels: Sample['labels']): number =>
    total(pick(now, 'ecluse_probes_total', labels)) -
    total(pick(before, 'ecluse_probes_total', labels))
  const all = grown({ way })
  return all > 0 ? grown({ way, result: 'good' }) / all : null
}

/** A quantile, in ms, of what was observed between two looks; null when nothing was. */
function quantileMs(
  before: readonly Sample[],
  now: readonly Sample[],
  quantile: number,
): number | null {
  const counts = new Map<number, number>()
  for (const [samples, sign] of [
    [now, 1],
    [before, -1],
  ] as const) {
    for (const { labels, value } of samples) {
      const bound = labels['le'] === '+Inf' ? Infinity : Number(labels['le'])
      counts.set(bound, (counts.get(bound) ?? 0) + sign * value)
    }
  }
  const buckets = [...counts].sort(([a], [b]) => a - b)
  const all = buckets.at(-1)?.[1] ?? 0
  if (all <= 0) return null
  const rank = quantile * all
  let [below, belowCount] = [0, 0]
  for (const [bound, count] of buckets) {
    if (count >= rank) {
      // Past the last bound nothing is known but that it was longer.
      if (bound === Infinity) return below * 1_000
      return (below + ((bound - below) * (rank - belowCount)) / (count - belowCount)) * 1_000
    }
    ;[below, belowCount] = [bound, count]
  }
  return null
}
