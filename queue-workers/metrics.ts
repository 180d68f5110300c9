import type { MetricCatalogue } from '../core/metric-catalogue.ts'
import type { WorkerFigures } from './stats.ts'

/** Every metric of a worker process. docs/metrics.md is tested against this. */
export const workerMetrics = {
  ecluse_writes_applied_total: {
    kind: 'counter',
    unit: 'writes',
    help: 'Absorbed writes that the origin has applied.',
    labels: {},
  },
  ecluse_write_retries_total: {
    kind: 'counter',
    unit: 'attempts',
    help: 'Attempts at absorbed writes that will be made again.',
    labels: {},
  },
  ecluse_dead_letters_total: {
    kind: 'counter',
    unit: 'writes',
    help: 'Absorbed writes parked for good, with their reason.',
    labels: {},
  },
  ecluse_queue_writes: {
    kind: 'gauge',
    unit: 'writes',
    help: 'Acknowledged writes in the whole queue, as the workers see it.',
    labels: {},
  },
  ecluse_queue_age_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    help: 'Age of the oldest write in the whole queue, as the workers see it.',
    labels: {},
  },
} as const satisfies MetricCatalogue

/** The Prometheus text (exposition format 0.0.4) of a worker's figures. */
export function metricsText(figures: WorkerFigures): string {
  const values: Record<keyof typeof workerMetrics, number> = {
    ecluse_writes_applied_total: figures.applied,
    ecluse_write_retries_total: figures.retried,
    ecluse_dead_letters_total: figures.deadLettered,
    ecluse_queue_writes: figures.backlog,
    ecluse_queue_age_seconds: figures.oldestAgeMs / 1_000,
  }
  const lines = Object.entries(workerMetrics).flatMap(([name, { kind, help }]) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${kind}`,
    `${name} ${values[name as keyof typeof workerMetrics]}`,
  ])
  return `${lines.join('\n')}\n`
}
