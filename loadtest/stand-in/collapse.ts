/** What the model knows about its load when a piece of work begins. */
export interface Concurrency {
  readonly busyWorkers: number
  readonly workers: number
  readonly databaseSlots: number
}

/** Slow start: how much longer work takes at the first moment of a cold start. */
export const coldStartFactor = 2.5

/** Slow start ends after this long: caches filled, code compiled, connections open. */
export const coldStartMs = 15_000

/**
 * How much longer work takes because others work too: 1 while no more workers are busy than the
 * database has slots, then rising in a straight line to `1 + contention` when every worker is.
 */
export function contentionFactor(concurrency: Concurrency, contention: number): number {
  const { busyWorkers, workers, databaseSlots } = concurrency
  if (workers <= databaseSlots) return 1
  const crowding = (busyWorkers - databaseSlots) / (workers - databaseSlots)
  return 1 + contention * Math.min(1, Math.max(0, crowding))
}

/** How much longer work takes `sinceStartMs` after a cold start: 2.5 falling to 1 in 15 s. */
export function slowStartFactor(sinceStartMs: number): number {
  const left = 1 - Math.min(1, Math.max(0, sinceStartMs / coldStartMs))
  return 1 + (coldStartFactor - 1) * left
}
