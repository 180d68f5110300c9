import type { Portal, PortalPage } from '../../scenarios/portals/portal.ts'
import type { Schedule, SchedulePhase } from './plan.ts'
import { type PlannedPage, plannedPages } from './planned-pages.ts'

/** What one phase asks of a portal when nobody waits, fails or repeats. Rates per wall second. */
export interface PhaseDemand {
  readonly name: SchedulePhase['name']
  /** Seconds of the bottleneck's work per second: the number of slots it would keep busy. */
  readonly bottleneckSecondsPerSecond: number
  readonly pagesPerSecond: number
  readonly loginsPerSecond: number
  readonly writesPerSecond: number
  readonly requestsPerSecond: number
}

export interface DemandModel {
  readonly portal: Portal
  /** Mean bottleneck seconds of one request of a service class. */
  secondsPerService(service: string): number
  /** Mean bottleneck seconds of one asset; each is asked for once a session. */
  readonly secondsPerAsset: number
}

/**
 * Demand of every phase, from the schedule itself: each page in the phase of its planned start,
 * logins and assets included. People already inside have empty browser caches.
 */
export function demandOf(schedule: Schedule, model: DemandModel): PhaseDemand[] {
  const sums = schedule.phases.map(() => ({ ...nothing }))
  const answerMs = schedule.request.profile.answerMs.value
  for (let index = 0; index < schedule.sessionCount; index += 1) {
    const session = schedule.sessionAt(index)
    const cached = new Set<string>()
    for (const planned of plannedPages(session, answerMs)) {
      const phase = schedule.phases.findIndex(({ toMs }) => planned.atMs < toMs)
      const sum = sums[phase]
      if (sum === undefined) break
      const isLast = planned.page === session.pages.length - 1
      const logout = session.logsOut && isLast ? [model.portal.logout] : []
      addPage(sum, model, { planned, cached, logout })
    }
  }
  return schedule.phases.map(({ name, fromMs, toMs }, i) => {
    const sum = sums[i] as Sum
    const seconds = (toMs - fromMs) / 1000
    return {
      name,
      bottleneckSecondsPerSecond: sum.bottleneckSeconds / seconds,
      pagesPerSecond: sum.pages / seconds,
      loginsPerSecond: sum.logins / seconds,
      writesPerSecond: sum.writes / seconds,
      requestsPerSecond: sum.requests / seconds,
    }
  })
}

const nothing = { bottleneckSeconds: 0, pages: 0, logins: 0, writes: 0, requests: 0 }
type Sum = typeof nothing

function addPage(
  sum: Sum,
  model: DemandModel,
  view: { planned: PlannedPage; cached: Set<string>; logout: readonly { service: string }[] },
): void {
  const { visit, page } = view.planned
  const { document, data, assets, writes } = model.portal.pages[visit.type] as PortalPage
  const login = page === 0 ? model.portal.login : []
  const done = writes.filter((_, i) => visit.writes.includes(i))
  const fetched = assets.filter((asset) => !view.cached.has(asset))
  for (const asset of fetched) view.cached.add(asset)
  const requests = [...login, document, ...data, ...done, ...view.logout]
  for (const { service } of requests) sum.bottleneckSeconds += model.secondsPerService(service)
  sum.bottleneckSeconds += fetched.length * model.secondsPerAsset
  sum.requests += requests.length + fetched.length
  sum.pages += 1
  sum.logins += page === 0 ? 1 : 0
  sum.writes += done.filter(({ audited }) => audited).length
}
