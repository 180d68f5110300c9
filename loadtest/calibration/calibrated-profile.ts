import type { Figure, Profile, ServiceShare, Visit, Weekday } from '../schedule/profile.ts'
import { roles } from '../schedule/people.ts'
import type { Role } from '../schedule/session.ts'
import { weekdays } from '../schedule/week-plan.ts'
import type { RoleTally, VisitTally } from './visit-tally.ts'

/** What was kept back, so that nobody can be recognised. */
export interface Suppressed {
  readonly pageTypes: number
  readonly schools: number
  readonly fiveMinutes: number
  readonly pageShare: number
}

/**
 * The counts as a profile: numbers about groups of at least `k` people and nothing else. Page
 * types are the portal's own names, schools are numbers; five minutes that fewer than `k` people
 * share become the mean of their hour, and hours that fewer share are left out.
 */
export function calibratedProfile(
  tally: VisitTally,
  ask: {
    readonly name: string
    readonly k: number
    readonly base: Profile
    readonly answerMs: number
  },
): { readonly profile: Profile; readonly suppressed: Suppressed } {
  const { name, k, base, answerMs } = ask
  const days = meanDay(tally)
  const curve = anonymousCurve(tally, { k, bins: days.bins })
  const arrivals = anonymousCurve(tally, { k, bins: days.begun })
  const visits = visitsOf(tally, days.pages)
  const services = servicesOf(tally, k)
  const schools = [...tally.hosts.values()].filter(({ people }) => people.size >= k)
  const measured = <T>(value: T, source: string): Figure<T> => ({ value, basis: 'derived', source })
  const spread = spreadOf(tally)
  const day = {
    visits: measured(visits, `visits of ${days.count} days, cut at pauses of 30 minutes`),
    hourlyShare: measured(hourly(curve.shares), 'page views by hour of a mean school day'),
    fiveMinuteShare: measured(curve.shares, 'page views by five minutes of a mean school day'),
    arrivalShare: measured(arrivals.shares, 'visits that begin, by five minutes of such a day'),
    pulses: measured(
      { factor: 1, aroundHours: [], minutesBefore: 0, minutesAfter: 0 },
      'in the five minutes already',
    ),
    services: measured(services.rows, 'page views by type'),
  }
  const profile: Profile = {
    ...base,
    name,
    accounts: measured(accountsOf(tally), 'different visitors, estimated; roles as far as logged'),
    schools: measured(Math.max(4, schools.length), 'names of hosts with enough people'),
    days: {
      baseline: day,
      closure: {
        ...day,
        visits: {
          ...day.visits,
          basis: 'assumed',
          source: 'the ordinary day: ask for a surge in figures',
        },
      },
    },
    week: days.week,
    ...spread,
    pagesCumulative: measured(cumulativeLengths(tally.lengths, k), 'visits by number of pages'),
    answerMs: measured(answerMs, 'mean time of answers where logged, else assumed'),
  }
  return {
    profile,
    suppressed: {
      pageTypes: services.suppressed,
      schools: tally.hosts.size - schools.length,
      fiveMinutes: curve.coarsened,
      pageShare: curve.lost,
    },
  }
}

/** Mondays to Fridays where there are any; else all days. */
function meanDay(tally: VisitTally) {
  const all = [...tally.days].map(([day, bins]) => ({
    day,
    weekday: weekdayOf(day),
    bins,
    pages: sum(bins),
  }))
  const school = all.filter(({ weekday }) => weekday !== 'saturday' && weekday !== 'sunday')
  const used = school.length > 0 ? school : all
  const bins = Array.from({ length: 288 }, (_, i) =>
    used.reduce((all, { bins }) => all + (bins[i] as number), 0),
  )
  const begun = Array.from({ length: 288 }, (_, i) =>
    used.reduce((all, { day }) => all + (tally.begun.get(day)?.[i] ?? 0), 0),
  )
  const mean = sum(bins) / Math.max(1, used.length)
  const factors = weekdays.map((weekday) => {
    const same = all.filter((one) => one.weekday === weekday)
    if (same.length === 0) return [weekday, 1] as const
    return [
      weekday,
      same.reduce((total, { pages }) => total + pages, 0) / same.length / mean,
    ] as const
  })
  const isWhole = new Set(all.map(({ weekday }) => weekday)).size === 7
  const week: Profile['week'] = {
    value: Object.fromEntries(factors) as Record<Weekday, number>,
    basis: isWhole ? 'derived' : 'assumed',
    source: isWhole
      ? 'page views by day'
      : 'page views by day; days that the logs do not have count as 1',
  }
  return { count: used.length, bins, begun, pages: mean, week }
}

function weekdayOf(day: number): Weekday {
  // 1 January 1970 was a Thursday.
  return weekdays[(day + 3) % 7] as Weekday
}

function anonymousCurve(
  tally: VisitTally,
  { k, bins }: { readonly k: number; readonly bins: readonly number[] },
) {
  let coarsened = 0
  let lost = 0
  const total = sum(bins)
  const kept = Array.from({ length: 24 }, (_, hour) => {
    const slots = bins.slice(hour * 12, hour * 12 + 12)
    const people = tally.bins.slice(hour * 12, hour * 12 + 12).map((bin) => bin.people.size)
    const busiest = Math.max(...people)
    if (people.every((count, i) => count >= k || slots[i] === 0)) return slots
    coarsened += people.filter((count) => count < k).length
    // The hour has at least as many people as its busiest five minutes.
    if (busiest >= k) return slots.map(() => sum(slots) / 12)
    lost += sum(slots)
    return slots.map(() => 0)
  }).flat()
  const left = Math.max(1, sum(kept))
  return { shares: kept.map((pages) => pages / left), coarsened, lost: lost / Math.max(1, total) }
}

function hourly(shares: readonly number[]): number[] {
  return Array.from({ length: 24 }, (_, hour) => sum(shares.slice(hour * 12, hour * 12 + 12)))
}

function visitsOf(tally: VisitTally, pagesOfDay: number): Record<Role, Visit> {
  const pages = [...tally.roles.values()].reduce((total, role) => total + role.pages, 0)
  const rows = roles.map((role) => {
    const counts = tally.roles.get(role)
    if (counts === undefined || counts.visits === 0)
      return [role, { visits: 0, pages: 2, minutes: 1 }] as const
    const perVisit = Math.max(1.05, counts.pages / counts.visits)
    return [
      role,
      {
        visits: (counts.visits * pagesOfDay) / pages,
        pages: perVisit,
        minutes: Math.max(0.02, counts.durationMs / counts.visits / 60_000),
      },
    ] as const
  })
  return Object.fromEntries(rows) as Record<Role, Visit>
}

function servicesOf(tally: VisitTally, k: number): { rows: ServiceShare[]; suppressed: number } {
  const total = [...tally.pages.values()].reduce((all, { views }) => all + views, 0)
  const named = [...tally.pages].filter(
    ([page, { people }]) => page !== 'other' && people.size >= k,
  )
  const known = named.reduce((all, [, { views }]) => all + views, 0)
  const rows = named
    .map(([page, { views }]) => ({ service: page, share: views / total, pages: [page] }))
    .sort((a, b) => b.share - a.share)
  const other = { service: 'other', share: (total - known) / total, pages: ['home'] }
  const hidden = [...tally.pages.keys()].filter((page) => page !== 'other').length - named.length
  return {
    rows: other.share > 0 || rows.length === 0 ? [...rows, other] : rows,
    suppressed: hidden,
  }
}

function accountsOf(tally: VisitTally): Record<Role, number> {
  return Object.fromEntries(
    roles.map((role) => [role, Math.max(1, tally.roles.get(role)?.people.size ?? 1)]),
  ) as Record<Role, number>
}

/** Shares of visits of at most n pages; the longest visits are one class of at least `k`. */
function cumulativeLengths(lengths: Float64Array, k: number): number[] {
  const total = sum(lengths)
  const shares: number[] = []
  let seen = 0
  for (const visits of lengths) {
    seen += visits
    if (total - seen < k) return [...shares, 1]
    shares.push(seen / total)
  }
  return shares
}

/** Spreads of pages per visit and of gaps over all roles, as log-normal laws. */
function spreadOf(tally: VisitTally): Pick<Profile, 'pagesSigma' | 'gapSigma' | 'gapMaxMs'> {
  const all = [...tally.roles.values()]
  const total = (of: (role: RoleTally) => number): number =>
    all.reduce((sum, role) => sum + of(role), 0)
  const visits = Math.max(
    1,
    total((role) => role.visits),
  )
  const pages = total((role) => role.pages) / visits
  const variance = Math.max(0, total((role) => role.pagesSquared) / visits - pages * pages)
  const gaps = Math.max(
    1,
    total((role) => role.gaps),
  )
  const meanLog = total((role) => role.logGaps) / gaps
  const logVariance = Math.max(0, total((role) => role.logGapsSquared) / gaps - meanLog * meanLog)
  return {
    pagesSigma: {
      value: clamp(Math.sqrt(Math.log(1 + variance / (pages * pages)))),
      basis: 'derived',
      source: 'variance of pages per visit, as a log-normal law',
    },
    gapSigma: {
      value: clamp(Math.sqrt(logVariance)),
      basis: 'derived',
      source: 'variance of the logarithm of gaps',
    },
    gapMaxMs: { value: 1_800_000, basis: 'derived', source: 'the pause at which visits are cut' },
  }
}

function clamp(sigma: number): number {
  return Math.min(2.5, Math.max(0.05, sigma))
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
