import type { Mark } from '../bench.ts'

/** What the gate promises, with the bounds that were asked for. docs/benchmarks.md says it in words. */
export const overloadMarks: readonly Mark[] = [
  { id: 'T1.goodput', unit: 'of capacity', atLeast: 0.9 },
  { id: 'T1.p99Ratio', unit: 'times its value at 0.8x', atMost: 2 },
  { id: 'T1.refusalP99Ms', unit: 'ms', atMost: 20 },
  { id: 'T2.goodput', unit: 'of capacity', atLeast: 0.9 },
  { id: 'T2.limitOff', unit: 'from T1', atMost: 0.15 },
  { id: 'T2.driftPerHour', unit: 'an hour', atMost: 0.01 },
  { id: 'T3.goodput', unit: 'of capacity', atLeast: 0.9 },
  { id: 'T3.shedAfter', unit: 'requests', atMost: 0 },
  { id: 'T4.worst', unit: 'of the load', atLeast: 0.95 },
  { id: 'T6.p0', unit: 'served', atLeast: 0.999 },
  { id: 'T6.p1', unit: 'served', atLeast: 0.99 },
  { id: 'T6.inversions', unit: 'of seconds', atMost: 0.001 },
  { id: 'T7.jain', unit: 'index', atLeast: 0.95 },
  { id: 'T7.othersLose', unit: 'of what they asked', atMost: 0.01 },
  { id: 'sockets.goodput', unit: 'of capacity', atLeast: 0.9 },
  { id: 'sockets.p99Ratio', unit: 'times its value at 0.8x', atMost: 2 },
  { id: 'sockets.refusalP99Ms', unit: 'ms', atMost: 20 },
  { id: 'sockets.stepGoodput', unit: 'of capacity', atLeast: 0.9 },
  { id: 'sockets.turnedAwayAfter', unit: 'requests', atMost: 0 },
  { id: 'sockets.recoverySeconds', unit: 's', atMost: 10 },
  { id: 'sockets.p0', unit: 'served', atLeast: 0.999 },
  { id: 'sockets.p1', unit: 'served', atLeast: 0.99 },
]

export const overloadRows = ['T1', 'T2', 'T3', 'T4', 'T6', 'T7', 'sockets'] as const
