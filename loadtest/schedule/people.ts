import { scattered } from './arrivals.ts'
import type { Profile } from './profile.ts'
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
}

export const roles: readonly Role[] = ['pupil', 'parent', 'teacher', 'staff']

/**
 * Divides the profile's accounts and classes by `scale`; at least four schools remain. Pupils
 * fill classes in order, classes fill schools by size, parents follow a pupil of theirs,
 * teachers and staff are spread over classes.
 */
export function buildPeople(profile: Profile, scale: number): People {
  const accounts = Object.fromEntries(
    roles.map((role) => [role, Math.max(1, Math.round(profile.accounts.value[role] * scale))]),
  ) as Record<Role, number>
  const schools = Math.max(4, Math.round(profile.schools.value * scale))
  const classes = Math.max(schools, Math.round(profile.classes.value * scale))
  const schoolOf = schoolOfClass(schools, classes)
  const personOf = (role: Role, ordinal: number): Person => {
    const among = accounts[role]
    const position = scattered(ordinal, among)
    const classId = Math.floor((position * classes) / among)
    return { account: firstAccount(accounts, role) + position, school: schoolOf(classId), classId }
  }
  return { schools, classes, accounts, personOf }
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
