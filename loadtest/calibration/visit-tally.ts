import type { Role } from '../schedule/session.ts'
import { CrowdCount } from './crowd-count.ts'

/** One page view of somebody, as calibration sees it. */
export interface PageView {
  readonly atMs: number
  readonly visitor: number
  readonly page: string
  readonly role: Role
  readonly host: string
}

/** Pauses that end a visit, in minutes: no single one is right (Meiss et al. 2009). */
export const timeouts = [15, 30, 60] as const

/** Visits under one timeout. */
export interface TimeoutTally {
  readonly minutes: number
  visits: number
  pages: number
  durationMs: number
}

export interface RoleTally {
  visits: number
  pages: number
  pagesSquared: number
  durationMs: number
  gaps: number
  logGaps: number
  logGapsSquared: number
  readonly people: CrowdCount
}

interface OpenVisit {
  /** Begin of the visit under each timeout. */
  readonly startMs: [number, number, number]
  readonly pages: [number, number, number]
  lastMs: number
  role: Role
}

/** The timeout by which visits are cut for the profile. */
const chosen = 1
const binMs = 300_000
const dayMs = 86_400_000

/**
 * Cuts page views into visits and counts them; keeps who is inside and sums, never a list. Views
 * may come a little out of order, as logs are written when answers end.
 */
export class VisitTally {
  readonly byTimeout: readonly TimeoutTally[] = timeouts.map((minutes) => ({
    minutes,
    visits: 0,
    pages: 0,
    durationMs: 0,
  }))
  readonly roles = new Map<Role, RoleTally>()
  readonly pages = new Map<string, { views: number; readonly people: CrowdCount }>()
  readonly hosts = new Map<string, { views: number; readonly people: CrowdCount }>()
  /** Page views, and visits that begin, by day (days since 1970) and five minutes of it. */
  readonly days = new Map<number, Float64Array>()
  readonly begun = new Map<number, Float64Array>()
  readonly bins = Array.from({ length: 288 }, () => ({ people: new CrowdCount() }))
  /** Visits of 1, 2, ... pages; the last counts all that are longer. */
  readonly lengths = new Float64Array(500)
  firstMs = Number.POSITIVE_INFINITY
  lastMs = 0
  mostInside = 0
  private readonly open = new Map<number, OpenVisit>()
  private sweptMs = 0

  add(view: PageView): void {
    const { atMs, visitor } = view
    if (atMs - this.sweptMs > binMs) this.sweep(atMs)
    this.firstMs = Math.min(this.firstMs, atMs)
    this.lastMs = Math.max(this.lastMs, atMs)
    this.count(view)
    const visit = this.open.get(visitor)
    if (visit === undefined) {
      this.open.set(visitor, {
        startMs: [atMs, atMs, atMs],
        pages: [1, 1, 1],
        lastMs: atMs,
        role: view.role,
      })
      this.roleOf(view.role).people.add(visitor)
      countSlot(this.begun, atMs)
      return
    }
    const gapMs = Math.max(0, atMs - visit.lastMs)
    timeouts.forEach((minutes, i) => {
      if (gapMs > minutes * 60_000) {
        this.close(visit, i)
        if (i === chosen) countSlot(this.begun, atMs)
        visit.startMs[i] = atMs
        visit.pages[i] = 0
      }
      visit.pages[i] = (visit.pages[i] as number) + 1
    })
    if (gapMs > 0 && gapMs <= timeouts[chosen] * 60_000) addGap(this.roleOf(visit.role), gapMs)
    visit.lastMs = Math.max(visit.lastMs, atMs)
  }

  /** Ends every visit. */
  end(): void {
    for (const visit of this.open.values()) timeouts.forEach((_, i) => this.close(visit, i))
    this.open.clear()
  }

  private sweep(nowMs: number): void {
    this.sweptMs = nowMs
    this.mostInside = Math.max(this.mostInside, this.open.size)
    const longestMs = timeouts[2] * 60_000
    for (const [visitor, visit] of this.open) {
      if (nowMs - visit.lastMs <= longestMs) continue
      timeouts.forEach((_, i) => this.close(visit, i))
      this.open.delete(visitor)
    }
  }

  private close(visit: OpenVisit, i: number): void {
    const tally = this.byTimeout[i] as TimeoutTally
    const pages = visit.pages[i] as number
    const durationMs = visit.lastMs - (visit.startMs[i] as number)
    tally.visits += 1
    tally.pages += pages
    tally.durationMs += durationMs
    if (i !== chosen) return
    const role = this.roleOf(visit.role)
    const length = Math.min(pages, this.lengths.length) - 1
    this.lengths[length] = (this.lengths[length] as number) + 1
    role.visits += 1
    role.pages += pages
    role.pagesSquared += pages * pages
    role.durationMs += durationMs
  }

  private count({ atMs, visitor, page, host }: PageView): void {
    countSlot(this.days, atMs)
    this.bins[Math.floor((atMs % dayMs) / binMs)]?.people.add(visitor)
    countIn(this.pages, page, visitor)
    // Hosts beyond any number of schools are somebody's guesses.
    if (host !== '' && (this.hosts.has(host) || this.hosts.size < 20_000)) {
      countIn(this.hosts, host, visitor)
    }
  }

  private roleOf(role: Role): RoleTally {
    let tally = this.roles.get(role)
    if (tally === undefined) this.roles.set(role, (tally = emptyRole()))
    return tally
  }
}

function countSlot(days: Map<number, Float64Array>, atMs: number): void {
  const day = Math.floor(atMs / dayMs)
  const bin = Math.floor((atMs % dayMs) / binMs)
  let bins = days.get(day)
  if (bins === undefined) days.set(day, (bins = new Float64Array(288)))
  bins[bin] = (bins[bin] as number) + 1
}

function addGap(role: RoleTally, gapMs: number): void {
  const log = Math.log(Math.max(750, gapMs))
  role.gaps += 1
  role.logGaps += log
  role.logGapsSquared += log * log
}

function countIn(
  counts: Map<string, { views: number; readonly people: CrowdCount }>,
  name: string,
  visitor: number,
): void {
  let row = counts.get(name)
  if (row === undefined) counts.set(name, (row = { views: 0, people: new CrowdCount() }))
  row.views += 1
  row.people.add(visitor)
}

function emptyRole(): RoleTally {
  return {
    visits: 0,
    pages: 0,
    pagesSquared: 0,
    durationMs: 0,
    gaps: 0,
    logGaps: 0,
    logGapsSquared: 0,
    people: new CrowdCount(),
  }
}
