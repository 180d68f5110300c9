import { roles } from './people.ts'
import type { Profile, ServiceShare, Visit } from './profile.ts'
import type { DayName, Emphasis, Multipliers } from './scenario.ts'
import type { Role } from './session.ts'

/** One role's visits on the rehearsed day, at the run's scale, next to its ordinary day. */
export interface RoleVisits {
  readonly role: Role
  readonly visits: number
  readonly pages: number
  /** Pages of the same role's visit on the baseline day. */
  readonly baselinePages: number
  /** Mean time between the starts of two pages of a visit. */
  readonly gapMs: number
}

/**
 * The day that the multipliers ask for. The profile's table of the day gives the split between
 * roles; where the multipliers differ from what that table amounts to, every role moves by the
 * same factor: visits, pages per visit, minutes per visit.
 */
export function dayVisits(
  profile: Profile,
  ask: { day: DayName; multipliers: Multipliers; scale: number; emphasis?: Emphasis },
): RoleVisits[] {
  const baseline = profile.days.baseline.visits.value
  const table = emphasised(profile.days[ask.day].visits.value, ask.emphasis)
  const has = ratios(totalsOf(table), totalsOf(baseline))
  const more = ratios(ask.multipliers, has)
  return roles.map((role) => {
    const { visits, pages, minutes } = table[role]
    const wantedPages = Math.max(1, pages * (more.pages / more.sessions))
    const gaps = Math.max(wantedPages - 1, 1e-9)
    return {
      role,
      visits: visits * ask.scale * more.sessions,
      pages: wantedPages,
      baselinePages: baseline[role].pages,
      gapMs: (minutes * 60_000 * more.duration) / gaps,
    }
  })
}

/** The services of the day with the scenario's emphasis, their shares whole again. */
export function dayServices(
  profile: Profile,
  ask: { day: DayName; emphasis?: Emphasis },
): readonly ServiceShare[] {
  const services = profile.days[ask.day].services.value
  const factors = ask.emphasis?.services ?? {}
  const raised = services.map((row) => row.share * (factors[row.service] ?? 1))
  const total = raised.reduce((sum, share) => sum + share, 0)
  const whole = services.reduce((sum, { share }) => sum + share, 0)
  return services.map((row, i) => ({ ...row, share: ((raised[i] as number) / total) * whole }))
}

/** Pages of the whole day. */
export function pagesPerDay(visits: readonly RoleVisits[]): number {
  return visits.reduce((sum, row) => sum + row.visits * row.pages, 0)
}

/** Pages of a mean visit, over all roles. */
export function pagesPerVisit(visits: readonly RoleVisits[]): number {
  return pagesPerDay(visits) / visits.reduce((sum, row) => sum + row.visits, 0)
}

/** Three totals divided by three others: sessions, pages, duration of a mean visit. */
export function ratios(of: Multipliers, to: Multipliers): Multipliers {
  return {
    sessions: of.sessions / to.sessions,
    pages: of.pages / to.pages,
    duration: of.duration / to.duration,
  }
}

function emphasised(table: Readonly<Record<Role, Visit>>, emphasis: Emphasis | undefined) {
  const row = (role: Role): Visit => {
    const { visits, ...each } = table[role]
    return { ...each, visits: visits * (emphasis?.roles[role] ?? 1) }
  }
  return {
    pupil: row('pupil'),
    parent: row('parent'),
    teacher: row('teacher'),
    staff: row('staff'),
  }
}

function totalsOf(table: Readonly<Record<Role, Visit>>): Multipliers {
  const rows = Object.values(table)
  const sessions = rows.reduce((sum, row) => sum + row.visits, 0)
  const pages = rows.reduce((sum, row) => sum + row.visits * row.pages, 0)
  const minutes = rows.reduce((sum, row) => sum + row.visits * row.minutes, 0)
  return { sessions, pages, duration: minutes / sessions }
}
