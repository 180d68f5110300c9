import type { Mark } from '../bench.ts'

/** What `bench load` measures, row by row. */
export const loadRows = ['accuracy', 'speed', 'paced', 'idle'] as const
export type LoadRow = (typeof loadRows)[number]

export const loadMarks: readonly Mark[] = [
  { id: 'accuracy.p50Off', unit: 'of the true value', atMost: 0.01 },
  { id: 'accuracy.p99Off', unit: 'of the true value', atMost: 0.01 },
  { id: 'accuracy.p999Off', unit: 'of the true value', atMost: 0.01 },
  { id: 'speed.requests', unit: 'requests a second', atLeast: 25_000 },
  { id: 'speed.pages', unit: 'pages a second' },
  { id: 'speed.overK6', unit: 'times k6', atLeast: 3 },
  { id: 'speed.coreUsPerPage', unit: 'us of core a page' },
  { id: 'paced.delayP99Ms', unit: 'ms of event-loop delay', atMost: 20 },
  { id: 'idle.residentMb', unit: 'MB for 50,000 sessions', atMost: 400 },
]
