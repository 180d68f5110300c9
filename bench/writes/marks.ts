import type { Mark } from '../bench.ts'

/** What `bench writes` measures, row by row. */
export const writeRows = ['queue', 'local', 'backlog'] as const
export type WriteRow = (typeof writeRows)[number]

/** Ratios and differences are to what was measured in turns with them, in the same run. */
export const writeMarks: readonly Mark[] = [
  { id: 'queue.ratio', unit: 'of BullMQ add', atLeast: 0.8 },
  { id: 'queue.perSecond', unit: 'writes per second of one core' },
  { id: 'queue.overMs', unit: 'ms over 3 x fsync, both p99', atMost: 5 },
  { id: 'local.perSecond', unit: 'writes per second of one core' },
  { id: 'local.overMs', unit: 'ms over 3 x fsync, both p99', atMost: 5 },
  { id: 'backlog.redisBytes', unit: 'bytes of Redis a write of 2 kB', atMost: 5_000 },
  { id: 'backlog.edgeGrowthMb', unit: 'MB', atMost: 50 },
  { id: 'backlog.workerGrowthMb', unit: 'MB', atMost: 50 },
]
