import { test } from 'tap'
import { metricsText } from './metrics.ts'

test('a worker says its figures in Prometheus’ text', async (t) => {
  const text = metricsText({
    applied: 12,
    retried: 3,
    deadLettered: 1,
    backlog: 40,
    oldestAgeMs: 2_500,
    isPaused: false,
  })
  const lines = text.split('\n')
  for (const line of [
    '# TYPE ecluse_writes_applied_total counter',
    'ecluse_writes_applied_total 12',
    'ecluse_write_retries_total 3',
    'ecluse_dead_letters_total 1',
    'ecluse_queue_writes 40',
    'ecluse_queue_age_seconds 2.5',
  ]) {
    t.ok(lines.includes(line), line)
  }
  t.equal(lines.at(-1), '', 'the last line ends too')
})
