/** Work for our engine, in a process of its own; times are ms. */
export interface EngineJob {
  readonly target: string
  readonly sessions: number
  /** People come evenly spread over this time. */
  readonly arriveMs: number
  readonly logsIn: boolean
  readonly pagesEach: number
  /** Requests of a page after its document. */
  readonly dataCalls: number
  readonly thinkMs: number
  readonly endMs: number
  readonly drainMs: number
}

/** What it measured. */
export interface EngineFigures {
  readonly requests: number
  /** Requests that ended in something else than 200. */
  readonly failed: number
  readonly pages: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly p999Ms: number | null
  readonly delayP99Ms: number
  /** Time of its core, microseconds. */
  readonly coreUs: number
  readonly residentMb: number
  readonly sessionsAtOnce: number
}
