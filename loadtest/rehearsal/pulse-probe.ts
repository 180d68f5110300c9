import { enterPhase, standInStats, workerStats } from './stand-in-client.ts'

/** What is looked at each second while an arm runs, beside what the engine sees. */
export interface Pulse {
  /** Learns the run's origin from the engine's first word. */
  follow(atMs: number): void
  /** Puts the portal's figures under the name of a phase, for as long as it lasts. */
  enter(phase: string, lengthMs: number): void
  /** Absorbed writes not yet applied, as last seen. */
  backlog(): number | null
  backlogAt(atMs: number): number | null
  /** Share of the bottleneck pool spent usefully in the second that holds `atMs`. */
  usefulRatioAt(atMs: number): number | null
  stop(): void
}

/** A portal of its own (`--target`) has no control address, and the direct arm no workers. */
export function buildPulse(facts: {
  readonly controlUrl: string | null
  readonly workersUrl: string | null
}): Pulse {
  const { controlUrl, workersUrl } = facts
  const backlogs = new Map<number, number>()
  const ratios = new Map<number, number>()
  let originMs: number | undefined
  let last: number | null = null
  let before = { had: 0, useful: 0 }

  const look = async (): Promise<void> => {
    if (originMs === undefined) return
    const second = Math.floor((performance.now() - originMs) / 1_000)
    if (workersUrl !== null) {
      last = (await workerStats(workersUrl)).backlog
      backlogs.set(second, last)
    }
    if (controlUrl !== null) {
      const now = totals((await standInStats(controlUrl)).phases)
      const had = now.had - before.had
      if (had > 0) ratios.set(second, (now.useful - before.useful) / had)
      before = now
    }
  }
  const put = (phase: string): void => {
    if (controlUrl !== null) void enterPhase(controlUrl, phase).catch(() => undefined)
  }
  let leaving: NodeJS.Timeout | undefined
  // A second without an answer is a gap in the chart; the parts' ends are watched elsewhere.
  const looking = setInterval(() => void look().catch(() => undefined), 1_000)

  return {
    follow(atMs) {
      originMs ??= performance.now() - atMs
    },
    enter(phase, lengthMs) {
      clearTimeout(leaving)
      put(phase)
      leaving = setTimeout(put, lengthMs, 'drain')
    },
    backlog: () => last,
    backlogAt: (atMs) => backlogs.get(Math.floor(atMs / 1_000)) ?? null,
    usefulRatioAt: (atMs) => ratios.get(Math.floor(atMs / 1_000)) ?? null,
    stop: () => {
      clearInterval(looking)
      clearTimeout(leaving)
    },
  }
}

function totals(phases: Awaited<ReturnType<typeof standInStats>>['phases']) {
  let had = 0
  let useful = 0
  for (const phase of Object.values(phases)) {
    had += phase.poolSecondsHad
    useful += phase.poolSecondsUseful
  }
  return { had, useful }
}
