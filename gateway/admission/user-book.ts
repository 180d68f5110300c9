/** Time constant after which what somebody used is forgotten: about a page's reading. */
const usageMs = 30_000
/** Who was silent for one to two of these no longer counts as one of the school. */
const generationMs = 300_000
/** No more people than twice this are remembered; the longest silent are forgotten first. */
const maxInGeneration = 50_000
/** Who used more than this many times what others of the school do goes after them. */
const heavyFactor = 4
/** Service time that everybody may use before being compared: a page or two. */
const freeMs = 3_000
const shedsToRise = 3
const risenForMs = 60_000
/** Reloading must not help: asking again sooner than this does not count as being shed again. */
const shedSpacingMs = 2_000

/** 0: like others of the school; each step is four times more. */
export type UsageLevel = 0 | 1 | 2

/** Somebody whom the book knows. */
export interface Person {
  readonly school: School
  readonly used: Fading
  sheds: number
  shedAtMs: number
  risenUntilMs: number
}

export interface School {
  readonly used: Fading
  /** People of the school who asked for something in the last five to ten minutes. */
  people: number
  /** Those seen in this generation, and those seen in the last one and not since. */
  now: Map<string, Person>
  before: Map<string, Person>
}

/** An amount that fades with time. */
interface Fading {
  amount: number
  atMs: number
}

/**
 * What people used lately and how often they were shed: by this nobody of a school crowds out the
 * others, and nobody is turned away for ever. Bounded; a step is O(1).
 */
export class UserBook {
  private readonly schools = new Map<string, School>()
  private seenNow = 0
  private turnedAtMs = Number.NEGATIVE_INFINITY

  get size(): number {
    return [...this.schools.values()].reduce((sum, { people }) => sum + people, 0)
  }

  /** Somebody asks. */
  meet(schoolName: string, user: string, nowMs: number): Person {
    if (nowMs - this.turnedAtMs >= generationMs || this.seenNow >= maxInGeneration) this.turn(nowMs)
    const school = this.schools.get(schoolName) ?? this.newSchool(schoolName, nowMs)
    const seen = school.now.get(user)
    if (seen !== undefined) return seen
    const person = school.before.get(user) ?? newPerson(school, nowMs)
    school.before.delete(user)
    school.now.set(user, person)
    this.seenNow += 1
    return person
  }

  /** Did anybody of the school ask for something lately? */
  isActive(schoolName: string): boolean {
    return this.schools.has(schoolName)
  }

  private newSchool(name: string, nowMs: number): School {
    const used = { amount: 0, atMs: nowMs }
    const school: School = { used, people: 0, now: new Map(), before: new Map() }
    this.schools.set(name, school)
    return school
  }

  /** A new generation; who was seen in neither is forgotten without being looked at. O(schools). */
  private turn(nowMs: number): void {
    for (const [name, school] of this.schools) {
      school.people -= school.before.size
      school.before = school.now
      school.now = new Map()
      if (school.people === 0) this.schools.delete(name)
    }
    this.seenNow = 0
    this.turnedAtMs = nowMs
  }
}

function newPerson(school: School, nowMs: number): Person {
  school.people += 1
  return {
    school,
    used: { amount: 0, atMs: nowMs },
    sheds: 0,
    shedAtMs: Number.NEGATIVE_INFINITY,
    risenUntilMs: Number.NEGATIVE_INFINITY,
  }
}

/** The origin worked `serviceMs` for them. */
export function noteUse(person: Person, serviceMs: number, nowMs: number): void {
  add(person.used, serviceMs, nowMs)
  add(person.school.used, serviceMs, nowMs)
  person.sheds = 0
}

/** They were turned away; after three times they rise, which lasts a minute. */
export function noteShed(person: Person, nowMs: number): void {
  if (nowMs - person.shedAtMs < shedSpacingMs) return
  person.shedAtMs = nowMs
  person.sheds += 1
  if (person.sheds < shedsToRise) return
  person.sheds = 0
  person.risenUntilMs = nowMs + risenForMs
}

export function hasRisen(person: Person, nowMs: number): boolean {
  return nowMs < person.risenUntilMs
}

/** How much they used lately, beside the others of their school. */
export function usageLevel({ used, school }: Person, nowMs: number): UsageLevel {
  const own = amountAt(used, nowMs)
  const others = Math.max(0, amountAt(school.used, nowMs) - own) / Math.max(1, school.people - 1)
  const usual = heavyFactor * Math.max(freeMs, others)
  if (own <= usual) return 0
  return own <= usual * heavyFactor ? 1 : 2
}

function add(fading: Fading, amount: number, nowMs: number): void {
  fading.amount = amountAt(fading, nowMs) + amount
  fading.atMs = Math.max(fading.atMs, nowMs)
}

function amountAt({ amount, atMs }: Fading, nowMs: number): number {
  return amount * Math.exp(-Math.max(0, nowMs - atMs) / usageMs)
}
