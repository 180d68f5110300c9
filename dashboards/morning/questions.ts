import { outcomesOf } from '../../gateway/metrics.ts'
import { series } from '../query.ts'

/** What the page of the day after asks Prometheus, over the morning `[range]`. */
export const questions = {
  /** Most sessions inside at once. */
  insideMost: (range: string) =>
    `max_over_time(sum(${series('ecluse_inside_sessions')})[${range}:15s])`,
  /** Most people in line at once. */
  waitingMost: (range: string) =>
    `max_over_time(sum(${series('ecluse_waiting_people')})[${range}:15s])`,
  served: (range: string) => ended('served', range),
  waits: (range: string) => ended('waiting', range),
  turnedAway: (range: string) => ended('turnedAway', range),
  failed: (range: string) => ended('failed', range),
  absorbed: (range: string) =>
    `sum(increase(${series('ecluse_writes_absorbed_total')}[${range}])) or vector(0)`,
  /** Oldest write that ever waited, seconds. */
  oldestWriteSeconds: (range: string) =>
    `max(max_over_time(${series('ecluse_backlog_age_seconds')}[${range}]))`,
  deadLetters: (range: string) => `sum(increase(${series('ecluse_dead_letters_total')}[${range}]))`,
  /** Seconds under which 95 % of the answers stayed, over the whole morning. */
  p95Seconds: (range: string) =>
    `histogram_quantile(0.95, sum by (le) (increase(ecluse_request_seconds_bucket[${range}])))`,
  /** How much of the morning the portal answered a direct try, 0 to 1. */
  portalUpRatio: (range: string) =>
    `sum(increase(${series('ecluse_probes_total', { way: 'around', result: 'good' })}[${range}])) / sum(increase(${series('ecluse_probes_total', { way: 'around' })}[${range}]))`,
} as const satisfies Readonly<Record<string, (range: string) => string>>

export type Figure = keyof typeof questions

/** A figure is null when Prometheus has nothing: not measured, and said so, never 0. */
export type MorningFigures = Readonly<Record<Figure, number | null>>

function ended(group: Parameters<typeof outcomesOf>[0], range: string): string {
  const requests = series('ecluse_requests_total', { outcome: outcomesOf(group) })
  return `sum(increase(${requests}[${range}])) or vector(0)`
}
