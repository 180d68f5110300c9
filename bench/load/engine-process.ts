import type { Portal } from '../../scenarios/portals/portal.ts'
import type { LoadSnapshot } from '../../loadtest/engine/load-result.ts'
import type { SchedulePlan } from '../../loadtest/engine/run-plan.ts'
import { runLoad } from '../../loadtest/engine/run-process.ts'
import { defaultUserModel } from '../../loadtest/engine/user-model.ts'
import { LatencyHistogram } from '../../core/latency-histogram.ts'
import type { EngineFigures, EngineJob } from './engine-job.ts'

/** Plays one job on the engine of `ecluse run`, alone on its core, and prints the figures. */
const job = JSON.parse(process.argv[2] ?? '') as EngineJob
let residentMb = 0
let sessionsAtOnce = 0
const cpu = process.cpuUsage()
const result = await runLoad({
  plan: planOf(job),
  portal: portalOf(job),
  target: job.target,
  // Nobody leaves: a benchmark of waiting times needs those of all.
  users: { ...defaultUserModel, patienceMedianMs: 1e7, loginPatienceMedianMs: 1e7 },
  pageDeadlineMs: 3_000,
  runId: 'bench',
  seed: 1,
  drainMs: job.drainMs,
  onProgress({ sessions }: LoadSnapshot) {
    // The last second of the fullest ones: what they cost once they are in, not while they come.
    if (sessions >= sessionsAtOnce) residentMb = process.memoryUsage.rss() / 1e6
    sessionsAtOnce = Math.max(sessionsAtOnce, sessions)
  },
})
const spent = process.cpuUsage(cpu)
const response = LatencyHistogram.fromJSON(result.total.response)
const requests = Object.values(result.total.requests).reduce((sum, count) => sum + count, 0)
const figures: EngineFigures = {
  requests,
  failed: requests - (result.total.requests['200'] ?? 0),
  pages: result.total.pages.whole,
  p50Ms: response.quantileMs(0.5),
  p99Ms: response.quantileMs(0.99),
  p999Ms: response.quantileMs(0.999),
  delayP99Ms: result.generator.eventLoopDelayP99Ms,
  coreUs: spent.user + spent.system,
  residentMb,
  sessionsAtOnce,
}
process.stdout.write(`${JSON.stringify(figures)}\n`)

/** People come evenly spread over `arriveMs`, log in, and open one page after another. */
function planOf({ sessions, arriveMs, pagesEach, thinkMs, endMs }: EngineJob): SchedulePlan {
  const startMsOf = (position: number): number => (position * arriveMs) / sessions
  const pages = Array.from({ length: pagesEach }, () => ({
    type: 'page',
    thinkMs,
    item: 0,
    writes: [],
  }))
  return {
    hash: 'bench',
    sessionCount: sessions,
    startMsOf,
    sessionAt: (index) => ({
      index,
      startMs: startMsOf(index),
      role: 'pupil',
      account: index,
      school: index % 200,
      classId: index % 1_000,
      pages,
      firstPage: 0,
      resumeAtMs: 0,
      cameEarlier: false,
      logsOut: false,
    }),
    phases: [{ name: 'all', fromMs: 0, toMs: endMs }],
  }
}

function portalOf({ dataCalls, logsIn }: EngineJob): Portal {
  const get = (service: string, path: string) => ({ method: 'GET', path, service }) as const
  return {
    name: 'bench',
    login: logsIn ? [{ ...get('login', '/login'), expect: 200 }] : [],
    logout: get('login', '/logout'),
    pages: {
      page: {
        title: 'Page',
        document: get('page', '/page'),
        data: Array.from({ length: dataCalls }, (_, call) => get('data', `/api/${call}/{account}`)),
        assets: [],
        writes: [],
      },
    },
  }
}
