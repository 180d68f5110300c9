import type { RandomStream } from '../../core/random.ts'
import type { Identity } from './canaries.ts'
import type { Session } from './session.ts'

const schools = 8
const groupNames = ['c1', 'c2', 'c3']
const roles = ['pupil', 'parent', 'teacher']

/** A user of the portal and the sessions they have: the living one, and one that has ended. */
export interface Person {
  readonly user: string
  /** Clients without cookies of ours exist: the edge then knows them by what it has learnt. */
  readonly keepsPass: boolean
  session: Session | null
  ended: Session | null
}

export function people(count: number): Person[] {
  return Array.from({ length: count }, (_, number) => ({
    user: `u${number}`,
    keepsPass: number % 7 !== 0,
    session: null,
    ended: null,
  }))
}

/** A place in the portal for this user: any school, role and groups. */
export function drawnIdentity(user: string, random: RandomStream): Identity {
  return {
    user,
    school: `s${Math.floor(random.next() * schools)}`,
    role: oneOf(roles, random),
    groups: groupNames.filter(() => random.next() < 0.5),
  }
}

export function oneOf<T>(items: readonly T[], random: RandomStream): T {
  return items[Math.floor(random.next() * items.length)] as T
}
