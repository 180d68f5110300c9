/** Milliseconds of a clock that only moves forward; differences are intervals. */
export type MonotonicMs = number & { readonly brand: 'monotonic' }

/** Milliseconds since the Unix epoch; may jump. For HTTP dates, tokens and what people read. */
export type WallMs = number & { readonly brand: 'wall' }

/** The only way code of ours learns what time it is. */
export interface Clock {
  monotonicMs(): MonotonicMs
  wallMs(): WallMs
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now() as MonotonicMs,
  wallMs: () => Date.now() as WallMs,
}
