import { logNormalOfMean, weightedIndex } from '../../core/distributions.ts'
import { type RandomStream, randomStream } from '../../core/random.ts'
import type { Journey, JourneyStep } from '../../scenarios/journeys/journey.ts'
import type { Portal } from '../../scenarios/portals/portal.ts'
import type { CrowdVisit } from './crowd-arrivals.ts'
import type { People, Person } from './people.ts'
import type { Profile } from './profile.ts'
import type { Crowd } from './scenario.ts'
import type { PageVisit, Role, Session } from './session.ts'

/** What the people of one crowd are made from. */
export interface CrowdParts {
  readonly crowd: Crowd
  readonly journey: Journey
  readonly portal: Portal
  readonly profile: Profile
  readonly people: People
  readonly seed: number
  readonly thinkCompression: number
  /** People of the crowd's role that the day itself may bring come before this ordinal. */
  readonly firstOrdinal: number
}

/** Visit number `k` of a crowd as a session; a function of its arguments alone. */
export function crowdSession(
  parts: CrowdParts,
  at: { readonly index: number; readonly k: number; readonly visit: CrowdVisit },
): Session {
  const { crowd, journey, seed, people } = parts
  const { index, k, visit } = at
  const random = randomStream(seed, 'crowd', crowd.name, k)
  const startMs = Math.round(visit.startMs * 1000) / 1000
  const role = visit.isPost ? 'teacher' : crowd.role
  const pages = visit.isPost ? postPages(parts, random) : walkJourney(parts, journey.steps, random)
  const item = visit.post < 0 ? undefined : itemOfPost(parts, visit.post)
  return {
    index,
    startMs,
    role,
    ...personOf(people, role, { visit, k, parts }),
    pages: item === undefined ? pages : pages.map((page) => ({ ...page, item })),
    firstPage: 0,
    resumeAtMs: startMs,
    cameEarlier: false,
    crowd: crowd.name,
    logsOut: random.next() < journey.logoutShare,
  }
}

/** Steps in the order in which they are walked, repetitions written out. */
export function stepsWalked(steps: readonly JourneyStep[]): JourneyStep[] {
  return steps.reduce<JourneyStep[]>((walked, step, position) => {
    if (step.again === undefined) return [...walked, step]
    const { fromStep, times } = step.again
    const loop = steps.slice(fromStep, position + 1)
    return [...walked, step, ...Array.from({ length: times }, () => loop).flat()]
  }, [])
}

/** A teacher's visit that ends in publishing something for a class. */
const postSteps: readonly JourneyStep[] = [
  { page: 'homework', thinkMs: 30_000, writes: { 'publish-homework': 1, telemetry: 1 } },
]

function postPages(parts: CrowdParts, random: RandomStream): PageVisit[] {
  return walkJourney(parts, postSteps, random)
}

function walkJourney(
  { portal, profile, thinkCompression }: CrowdParts,
  steps: readonly JourneyStep[],
  random: RandomStream,
): PageVisit[] {
  const sigma = profile.gapSigma.value
  const popularity = Array.from(
    { length: profile.itemsPerSchool.value },
    (_, i) => (i + 1) ** -profile.itemZipfExponent.value,
  )
  return stepsWalked(steps).map(({ page, thinkMs, writes = {} }) => {
    const offered = portal.pages[page]?.writes ?? []
    const drawnMs = logNormalOfMean(random, thinkMs / thinkCompression, sigma)
    return {
      type: page,
      item: weightedIndex(random, popularity),
      // A program that polls does not think; people do, however compressed.
      thinkMs: thinkMs === 0 ? 0 : Math.round(Math.max(profile.thinkMinMs.value, drawnMs)),
      writes: offered.flatMap(({ name }, i) => (random.next() < (writes[name] ?? 0) ? [i] : [])),
    }
  })
}

function personOf(
  people: People,
  role: Role,
  of: { readonly visit: CrowdVisit; readonly k: number; readonly parts: CrowdParts },
): Person {
  const { visit, k, parts } = of
  if (visit.post < 0) return people.personOf(role, parts.firstOrdinal + k)
  const posts = randomStream(parts.seed, 'class', parts.crowd.name, visit.post)
  return people.memberOf(role, Math.floor(posts.next() * people.classes), visit.isPost ? 0 : k)
}

function itemOfPost({ profile, seed, crowd }: CrowdParts, post: number): number {
  const random = randomStream(seed, 'item', crowd.name, post)
  return Math.floor(random.next() * profile.itemsPerSchool.value)
}
