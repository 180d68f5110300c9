import { scattered } from './arrivals.ts'
import type { Profile } from './profile.ts'
import type { SchoolSkew } from './scenario.ts'
import { schoolFactors, skewedPlace } from './school-skew.ts'
import type { Role } from './session.ts'

/** Where one account belongs. */
export interface Person {
  readonly account: number
  readonly school: number
  readonly classId: number
}

/** The accounts of a profile at a scale, and who they are. */
export interface People {
  readonly schools: number
  readonly classes: number
  readonly accounts: Readonly<Record<Role, number>>
  /**
   * The person behind visit number `ordinal` of a role. Walks all accounts of the role in a fixed
   * scattered order before it repeats one, so that nobody is in two places at once.
   */
  personOf(role: Role, ordinal: number): Person
  /** Number `ordinal` of the people of a role who belong to a class; the same again after all. */
  memberOf(role: Role, classId: number, ordinal: number): Person
  /** Load of each school over the mean, weighted by size. */
  readonly schoolFactors: readonly number[]
  /** Share of all people in each school. */
  readonly schoolShares: readonly number[]
}

export const roles: readonly Role[] = ['pupil', 'parent', 'teacher', 'staff']

/**
 * Divides the profile's accounts and classes by `scale`; at least four schools remain. Pupils
 * fill classes in order, classes fill schools by size, parents follow a pupil of theirs,
 * teachers and staff are spread over classes. Where schools are hit unevenly, people of the
 * harder hit ones come in proportion, and may come more than once.
 */
export function buildPeople(
  profile: Profile,
  scale: number,
  skewed?: { readonly skew: SchoolSkew | undefined; readonly seed: number },
): People {
  const accounts = Object.fromEntries(
    roles.map((role) => [role, Math.max(1, Math.round(profile.accounts.value[role] * scale))]),
  ) as Record<Role, number>
  const schools = Math.max(4, Math.round(profile.schools.value * scale))
  const classes = Math.max(schools, Math.round(profile.classes.value * scale))
  const schoolOf = schoolOfClass(schools, classes)
  const ends = schoolEnds(schoolOf, { schools, classes })
  const shares = ends.map((end, i) => end - (ends[i - 1] ?? 0))
  const factors = schoolFactors(skewed?.skew, { sizes: shares, seed: skewed?.seed ?? 0 })
  const placeOf = skewed?.skew === undefined ? undefined : skewedPlace(ends, factors)
  const personAt = (role: Role, position: number, classId: number): Person => ({
    account: firstAccount(accounts, role) + position,
    school: schoolOf(classId),
    classId,
  })
  return {
    schools,
    classes,
    accounts,
    schoolFactors: factors,
    schoolShares: shares,
    personOf: (role, ordinal) => {
      const among = accounts[role]
      const even = scattered(ordinal, among)
      const position = placeOf === undefined ? even : Math.floor(placeOf(even / among) * among)
      return personAt(role, position, Math.floor((position * classes) / among))
    },
    memberOf: (role, classId, ordinal) => {
      const among = accounts[role]
      const first = Math.ceil((classId * among) / classes)
      const members = Math.max(1, Math.ceil(((classId + 1) * among) / classes) - first)
      return personAt(role, Math.min(among - 1, first + (ordinal % members)), classId)
    },
  }
}

/** Where each school ends among all classes, as a share of them. */
function schoolEnds(
  schoolOf: (classId: number) => number,
  { schools, classes }: { schools: number; classes: number },
): number[] {
  const ends = Array.from({ length: schools }, () => 0)
  for (let classId = 0; classId < classes; classId += 1) {
    ends[schoolOf(classId)] = (classId + 1) / classes
  }
  // A school too small for a class of its own ends where the one before it does.
  return ends.map((end, i) => Math.max(end, ...ends.slice(0, i)))
}

/** Of every 34 schools 9 are lycées, which are larger (about 640 pupils to a collège's 450). */
function schoolOfClass(schools: number, classes: number): (classId: number) => number {
  const ends: number[] = []
  let size = 0
  for (let school = 0; school < schools; school += 1) {
    const isLycee = Math.floor(((school + 1) * 9) / 34) > Math.floor((school * 9) / 34)
    size += isLycee ? 640 : 450
    ends.push(size)
  }
  const byClass = Array.from({ length: classes }, (_, classId) => {
    const place = ((classId + 0.5) / classes) * size
    return ends.findIndex((end) => place < end)
  })
  return (classId) => byClass[classId] as number
}

function firstAccount(accounts: Readonly<Record<Role, number>>, role: Role): number {
  return roles.slice(0, roles.indexOf(role)).reduce((sum, before) => sum + accounts[before], 0)
}
