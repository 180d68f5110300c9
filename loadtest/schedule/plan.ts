import { Failure } from '../../core/failure.ts'
import { randomStream } from '../../core/random.ts'
import { referencePortal } from '../../scenarios/portals/reference.ts'
import { appearancesOf, visitTimes } from './appearance.ts'
import { buildCalendar, type Calendar, minutesOfClock } from './calendar.ts'
import { type CrowdPeople, crowdPeople } from './crowds.ts'
import {
  dayServices,
  dayVisits,
  pagesPerDay,
  pagesPerVisit,
  type RoleVisits,
} from './day-visits.ts'
import { type FidelityEntry, fidelityLedger } from './fidelity.ts'
import { type PageWalk, pageWalk } from './page-walk.ts'
import { buildPeople, type People, roles } from './people.ts'
import { buildPopulation, type Population } from './population.ts'
import type { Profile } from './profile.ts'
import type { PhaseName, Scenario } from './scenario.ts'
import type { Role, Session } from './session.ts'
import { gapLaw, visitLaw } from './visit.ts'

export interface ScheduleRequest {
  readonly scenario: Scenario
  readonly profile: Profile
  /** Share of the profile's accounts: 0.05 is one twentieth. */
  readonly scale: number
  readonly seed: number
  /** Wall time of one arm; the scenario's own when absent. */
  readonly minutes?: number | undefined
}

/** Who will do what and when, decided before a packet leaves. */
export interface Schedule {
  readonly request: ScheduleRequest
  readonly durationMs: number
  readonly thinkCompression: number
  readonly phases: readonly SchedulePhase[]
  readonly people: Pick<People, 'accounts' | 'schools' | 'classes'>
  /** People of the scenario's crowds among the sessions. */
  readonly crowdSessions: number
  /** Sessions in order of `startMsOf`. */
  readonly sessionCount: number
  /** Any session by itself; equal requests give equal sessions. */
  readonly sessionAt: (index: number) => Session
  /** When something must happen for this session: its login, or where somebody inside resumes. */
  readonly startMsOf: (index: number) => number
  /** Minutes after midnight that the run plays at a wall time. */
  readonly clockMinutesAt: (wallMs: number) => number
  /** What was compressed, kept or left out, for the report. */
  readonly fidelity: readonly FidelityEntry[]
}

export interface SchedulePhase {
  readonly name: PhaseName
  readonly fromMs: number
  readonly toMs: number
  readonly fromClock: string
  readonly toClock: string
  /** Mean page rate that the calendar asks for, per wall second. */
  readonly pagesPerSecond: number
}

/**
 * Plans a run of `request.scenario`: a pure function of the request. Fails with
 * `schedule-impossible` when think times are compressed below what a person can do.
 */
export function planSchedule(request: ScheduleRequest): Schedule {
  const { scenario, profile, scale } = request
  const { thinkCompression } = scenario.run
  const visits = dayVisits(profile, { ...scenario, scale })
  const calendar = buildCalendar({
    phases: scenario.phases,
    durationMs:
      request.minutes === undefined ? scenario.run.armSeconds * 1000 : request.minutes * 60_000,
    day: profile.days[scenario.day],
    pagesPerDay: pagesPerDay(visits),
  })
  assertGapsPossible(visits, profile, thinkCompression)
  const population = buildPopulation({
    seed: request.seed,
    visits,
    laws: visits.map((row) => visitLaw(row, profile, thinkCompression)),
    pages: calendar.pages,
    untilMs: calendar.durationMs * drawnBeyond,
    arrivalsAt: measuredArrivals(request, { calendar, visits }),
  })
  const people = buildPeople(profile, scale, { skew: scenario.schools, seed: request.seed })
  const { durationMs, phases } = calendar
  const ordinals = ordinalsIn(population)
  const crowds = crowdPeople({ request, phases, people, ordinals })
  const walk = walkOf(request, visits)
  return {
    request,
    durationMs,
    thinkCompression,
    phases,
    people: { accounts: people.accounts, schools: people.schools, classes: people.classes },
    crowdSessions: crowds.count,
    ...sessionsOf({ request, calendar, population, people, walk, crowds }),
    clockMinutesAt: calendar.clockMinutesAt,
    fidelity: fidelityLedger({
      scale,
      thinkCompression,
      durationMs,
      clockMinutes: clockMinutesPlayed(calendar),
    }),
  }
}

/** Drawn time is longer than the run: the page clock goes on where luck drew too few pages. */
const drawnBeyond = 2

/** Arrivals as measured, when the run plays one stretch of the day in real time. */
function measuredArrivals(
  { scenario, profile }: ScheduleRequest,
  { calendar, visits }: { readonly calendar: Calendar; readonly visits: readonly RoleVisits[] },
): ((atMs: number) => number) | undefined {
  const shares = profile.days[scenario.day].arrivalShare?.value
  const [phase, second] = scenario.phases
  if (shares === undefined || phase === undefined || second !== undefined) return undefined
  const fromMinute = minutesOfClock(phase.from)
  const isReal = (minutesOfClock(phase.to) - fromMinute) * 60_000 === calendar.durationMs
  if (!isReal || scenario.run.thinkCompression !== 1) return undefined
  const perDay = visits.reduce((sum, row) => sum + row.visits, 0)
  return (atMs) => {
    const minute = (((fromMinute + atMs / 60_000) % 1_440) + 1_440) % 1_440
    const share = shares[Math.floor(minute / 5)] as number
    return ((phase.loadFactor ?? 1) * perDay * share) / 300_000
  }
}

interface SessionParts {
  readonly request: ScheduleRequest
  readonly calendar: Calendar
  readonly population: Population
  readonly people: People
  readonly walk: PageWalk
  readonly crowds: CrowdPeople
}

function sessionsOf(
  parts: SessionParts,
): Pick<Schedule, 'sessionCount' | 'sessionAt' | 'startMsOf'> {
  const { candidates, startMs, clock } = appearancesOf(parts.population, parts.calendar.pages)
  const run = { clock, pages: parts.calendar.pages }
  const { crowds } = parts
  const ofDay = candidates.length
  const startOf = (one: number): number =>
    one < ofDay ? (startMs[one] as number) : crowds.startMsOf(one - ofDay)
  const order = Uint32Array.from({ length: ofDay + crowds.count }, (_, one) => one)
  if (crowds.count > 0) order.sort((a, b) => startOf(a) - startOf(b) || a - b)
  return {
    sessionCount: order.length,
    startMsOf: (index) => startOf(order[index] as number),
    sessionAt: (index) => {
      const one = order[index]
      if (one === undefined) throw new RangeError(`session ${index} of ${order.length}`)
      if (one >= ofDay) return crowds.sessionAt(one - ofDay, index)
      const n = candidates[one] as number
      return buildSession(parts, { index, n, ...visitTimes(parts.population, n, run) })
    },
  }
}

function ordinalsIn({ size, roleIndex }: Population): Readonly<Record<Role, number>> {
  const seen = { pupil: 0, parent: 0, teacher: 0, staff: 0 }
  for (let n = 0; n < size; n += 1) seen[roles[roleIndex[n] as number] as Role] += 1
  return seen
}

function buildSession(
  { request, calendar, population, people, walk }: SessionParts,
  visit: { index: number; n: number; atMs: readonly number[]; played: readonly number[] },
): Session {
  const { index, n, atMs, played } = visit
  const { profile, seed } = request
  const role = roles[population.roleIndex[n] as number] as Role
  const random = randomStream(seed, 'pages', n)
  const logsOut = random.next() < profile.logoutShare.value
  const count = atMs.length - 1
  const walked = walk.draw(random, { role, count })
  const seenFirst = played[0] as number
  const seenAtMs = rounded(atMs[seenFirst] as number)
  // Only the hours before the run were lived through. People of hours that are skipped later on
  // have not been let in by anybody: they arrive, and log in, where the run first sees them.
  const hasPast = seenFirst > 0 && seenAtMs < (calendar.phases[0] as SchedulePhase).toMs
  const firstPage = hasPast ? seenFirst : 0
  // The past in full, then what the run plays: pages at which the person is away are left out.
  const kept = [...Array.from({ length: firstPage }, (_, page) => page), ...played]
  let lateMs = 0
  const pages = kept.map((page, i) => {
    const next = kept[i + 1] ?? page + 1
    const gapMs = (atMs[next] as number) - (atMs[page] as number)
    const wantedMs = gapMs - profile.answerMs.value - lateMs
    const thinkMs = Math.round(Math.max(profile.thinkMinMs.value, wantedMs))
    // Where the page clock leaves less than the shortest think time, later gaps give it back.
    lateMs = thinkMs - wantedMs
    // Whoever logs in lands on the home page first.
    const visit = !hasPast && i === 0 ? walked[0] : walked[page]
    return { ...(visit as (typeof walked)[number]), thinkMs }
  })
  return {
    index,
    startMs: hasPast ? Math.min(rounded(atMs[0] as number), -1) : seenAtMs,
    role,
    ...people.personOf(role, population.roleOrdinal[n] as number),
    pages,
    firstPage,
    resumeAtMs: seenAtMs,
    cameEarlier: seenFirst > 0 && !hasPast,
    logsOut: logsOut && played.at(-1) === count - 1,
  }
}

function walkOf({ scenario, profile }: ScheduleRequest, visits: readonly RoleVisits[]): PageWalk {
  return pageWalk({
    portal: referencePortal,
    services: dayServices(profile, scenario),
    pagesPerVisit: pagesPerVisit(visits),
    zipf: { exponent: profile.itemZipfExponent.value, items: profile.itemsPerSchool.value },
  })
}

function assertGapsPossible(visits: readonly RoleVisits[], profile: Profile, compression: number) {
  for (const row of visits) {
    const { meanMs, minMs, maxMs } = gapLaw(row, profile, compression)
    if (meanMs > minMs && meanMs < maxMs) continue
    throw new Failure({
      code: 'schedule-impossible',
      source: 'client',
      message:
        `run.thinkCompression: expected mean gaps between ${minMs} and ${maxMs} ms, found ` +
        `${Math.round(meanMs)} ms for role ${row.role} at a compression of ${compression}.`,
    })
  }
}

function clockMinutesPlayed({ phases, clockMinutesAt }: Calendar): number {
  return phases.reduce(
    (sum, { fromMs, toMs }) => sum + clockMinutesAt(toMs - 1e-6) - clockMinutesAt(fromMs),
    0,
  )
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
