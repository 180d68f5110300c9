import { schoolJourneys } from '../../scenarios/journeys/school-journeys.ts'
import { referencePortal } from '../../scenarios/portals/reference.ts'
import { type CrowdVisit, crowdVisits } from './crowd-arrivals.ts'
import { crowdSession } from './crowd-session.ts'
import type { People } from './people.ts'
import type { ScheduleRequest, SchedulePhase } from './plan.ts'
import type { Crowd } from './scenario.ts'
import type { Role, Session } from './session.ts'

/** Everybody who comes with a crowd, in order of start. */
export interface CrowdPeople {
  readonly count: number
  startMsOf(position: number): number
  /** The session at `position` under the index it has in the whole schedule. */
  sessionAt(position: number, index: number): Session
}

/** Plans the crowds of a scenario next to the people of its day. */
export function crowdPeople(plan: {
  readonly request: ScheduleRequest
  readonly phases: readonly SchedulePhase[]
  readonly people: People
  /** How many of each role the day itself may bring: a crowd begins with the next. */
  readonly ordinals: Readonly<Record<Role, number>>
}): CrowdPeople {
  const { request, phases, people } = plan
  const { scenario, profile, scale, seed } = request
  const { thinkCompression } = scenario.run
  const classSize = profile.accounts.value.pupil / profile.classes.value
  const ordinals = { ...plan.ordinals }
  const rows = scenario.crowds.flatMap((crowd) => {
    const visits = crowdVisits({ crowd, phases, scale, seed, thinkCompression, classSize })
    const firstOrdinal = ordinals[crowd.role]
    ordinals[crowd.role] += visits.length
    return visits.map((visit, k) => ({ crowd, visit, k, firstOrdinal }) satisfies CrowdRow)
  })
  rows.sort((a, b) => a.visit.startMs - b.visit.startMs)
  const base = { portal: referencePortal, profile, people, seed, thinkCompression }
  return {
    count: rows.length,
    startMsOf: (position) => Math.round((rows[position] as CrowdRow).visit.startMs * 1000) / 1000,
    sessionAt: (position, index) => {
      const { crowd, visit, k, firstOrdinal } = rows[position] as CrowdRow
      const journey = schoolJourneys[crowd.journey]
      return crowdSession({ ...base, crowd, journey, firstOrdinal }, { index, k, visit })
    },
  }
}

interface CrowdRow {
  readonly crowd: Crowd
  readonly visit: CrowdVisit
  readonly k: number
  readonly firstOrdinal: number
}
