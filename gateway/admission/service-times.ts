/** Weight of the newest request in what a class takes now: the last 20 or so decide. */
const recentWeight = 0.1
/** The same for what it takes when the origin has time: the last 1,000 or so. */
const quietWeight = 0.001
/** Until so many were seen, each counts as one of them all. */
const firstSamples = 20
/** What the origin takes when it has time is believed to rise by this much in an hour at most. */
const risePerHourRatio = 0.1
/** Classes beyond this are not learnt; a policy has at most 1,000. */
const maxClasses = 1_100
/** Until a class was measured once. */
const unmeasuredMs = 100

interface ClassTimes {
  /** Mean of the recent ones. */
  recentMs: number
  /** Logarithm of the usual time with time to spare; null until known. */
  quietLog: number | null
  /** What quiet times alone say; the line above follows it. */
  seenLog: number
  seen: number
  /** When the line above last rose. */
  roseAtMs: number
  isPinned: boolean
}

/**
 * How long the origin takes for each class: lately, and when it has time to spare. The second is
 * the baseline by which the gate sees that the origin is slow. It is learnt only while the gate is
 * half empty, so that hours of overload cannot move it; it falls freely and rises slowly. A pinned
 * one never moves.
 */
export class ServiceTimes {
  private readonly classes = new Map<string, ClassTimes>()
  private allMs = unmeasuredMs

  /** Takes measured baselines, in ms; they stay what they are. */
  pin(baselineMs: Readonly<Record<string, number>>): void {
    for (const [name, ms] of Object.entries(baselineMs)) {
      const log = Math.log(Math.max(ms, 0.1))
      this.classes.set(name, { ...fresh(ms, 0), quietLog: log, seenLog: log, isPinned: true })
    }
  }

  /** Mean over all classes, of recent requests. */
  get meanMs(): number {
    return this.allMs
  }

  /** Mean of recent requests of the class. */
  recentMs(className: string): number {
    return this.classes.get(className)?.recentMs ?? this.allMs
  }

  /** Usual time when the origin has time to spare, or null while unknown. */
  baselineMs(className: string): number | null {
    const log = this.classes.get(className)?.quietLog ?? null
    return log === null ? null : Math.exp(log)
  }

  /** Every baseline known, to be pinned another time. */
  baselines(): Record<string, number> {
    const known = [...this.classes].filter(([, times]) => times.quietLog !== null)
    return Object.fromEntries(known.map(([name, { quietLog }]) => [name, Math.exp(quietLog ?? 0)]))
  }

  /** One request took `serviceMs`. O(1). */
  note(className: string, serviceMs: number, atMs: number): void {
    const times = this.classOf(className, serviceMs, atMs)
    times.recentMs += recentWeight * (serviceMs - times.recentMs)
    this.allMs += recentWeight * (serviceMs - this.allMs)
  }

  /**
   * One request took `serviceMs` while the origin took `slowness` times as long as with time to
   * spare, 1 when it had it. Only a class that nothing is known of learns under load: it is taken
   * to be as slowed as the others. O(1).
   */
  learn(
    className: string,
    serviceMs: number,
    now: { readonly atMs: number; readonly slowness: number },
  ): void {
    const times = this.classOf(className, serviceMs, now.atMs)
    if (times.isPinned || (now.slowness !== 1 && times.quietLog !== null)) return
    learnQuiet(times, serviceMs / now.slowness, now.atMs)
  }

  private classOf(className: string, serviceMs: number, atMs: number): ClassTimes {
    const times = this.classes.get(className) ?? fresh(serviceMs, atMs)
    if (this.classes.size < maxClasses) this.classes.set(className, times)
    return times
  }
}

function fresh(serviceMs: number, atMs: number): ClassTimes {
  return {
    recentMs: serviceMs,
    quietLog: null,
    seenLog: 0,
    seen: 0,
    roseAtMs: atMs,
    isPinned: false,
  }
}

/** Logarithms, because service times are spread by factors: one export does not move the usual. */
function learnQuiet(times: ClassTimes, serviceMs: number, atMs: number): void {
  times.seen += 1
  const weight = Math.max(quietWeight, 1 / times.seen)
  times.seenLog += weight * (Math.log(Math.max(serviceMs, 0.1)) - times.seenLog)
  if (times.seen < firstSamples) return
  const elapsedMs = Math.max(0, atMs - times.roseAtMs)
  times.roseAtMs = atMs
  const highest =
    times.seen < firstSamples * 10 || times.quietLog === null
      ? times.seenLog
      : times.quietLog + (Math.log(1 + risePerHourRatio) * elapsedMs) / 3_600_000
  times.quietLog = Math.min(times.seenLog, highest)
}
