import { monitorEventLoopDelay } from 'node:perf_hooks'

/** What this process costs while it generates load. */
export interface GeneratorUse {
  readonly eventLoopDelayP99Ms: number
  /** Processor time over wall time: 1 is one core. */
  readonly cpuRatio: number
}

const resolutionMs = 10

/** Starts watching; the returned functions restart the watch and read it. */
export function watchGenerator(): { restart(): void; use(): GeneratorUse; stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  let cpu = process.cpuUsage()
  let sinceMs = performance.now()
  return {
    restart() {
      delay.reset()
      cpu = process.cpuUsage()
      sinceMs = performance.now()
    },
    use() {
      const spent = process.cpuUsage(cpu)
      const wallMs = Math.max(1, performance.now() - sinceMs)
      return {
        // The histogram holds intervals between ticks; what exceeds the interval is delay.
        eventLoopDelayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - resolutionMs),
        cpuRatio: (spent.user + spent.system) / 1000 / wallMs,
      }
    },
    stop() {
      delay.disable()
    },
  }
}
