import type { Mark } from '../bench.ts'

/** What `bench cache` measures, row by row. */
export const cacheRows = ['hit2k', 'hit20k', 'mixed', 'private', 'paced', 'storm'] as const
export type CacheRow = (typeof cacheRows)[number]

/** Ratios are to nginx in the same run. */
export const cacheMarks: readonly Mark[] = [
  { id: 'hit2k.ratio', unit: 'of nginx', atLeast: 0.75, aim: 1 },
  { id: 'hit20k.ratio', unit: 'of nginx', atLeast: 0.75, aim: 0.95 },
  { id: 'mixed.ratio', unit: 'of nginx', atLeast: 0.75, aim: 1 },
  { id: 'private.ratio', unit: 'of nginx', atLeast: 0.22, aim: 0.33 },
  { id: 'private.overLocked', unit: 'times nginx with its lock', atLeast: 3 },
  { id: 'paced.coreUs', unit: 'us of core a hit' },
  { id: 'storm.originRequests', unit: 'requests', atMost: 1 },
  { id: 'storm.lateMs', unit: 'ms after the origin', atMost: 50 },
]
