import { weightedIndex } from '../../core/distributions.ts'
import type { RandomStream } from '../../core/random.ts'
import type { Portal } from '../../scenarios/portals/portal.ts'
import type { ServiceShare } from './profile.ts'
import type { PageVisit, Role } from './session.ts'

/** The type of page with which every visit begins. */
export const landingType = 'landing'

/** Draws what a visit's pages are; the times come from elsewhere. */
export interface PageWalk {
  draw(random: RandomStream, visit: { role: Role; count: number }): Omit<PageVisit, 'thinkMs'>[]
}

/**
 * A visit begins on the landing page, then uses one service after another. A use walks through
 * the service's pages in order (the list, then one item), so a service is chosen in proportion
 * to its share of page views divided by the pages of one use. The landing page counts as home.
 */
export function pageWalk(walk: {
  portal: Portal
  services: readonly ServiceShare[]
  pagesPerVisit: number
  zipf: { exponent: number; items: number }
}): PageWalk {
  const { portal, pagesPerVisit, zipf } = walk
  const services = withoutLanding(walk.services, pagesPerVisit)
  const uses = services.map(({ share, pages }) => share / pages.length)
  const popularity = Array.from({ length: zipf.items }, (_, i) => (i + 1) ** -zipf.exponent)
  const writesOf = (random: RandomStream, type: string, role: Role): number[] => {
    const page = portal.pages[type]
    if (page === undefined) throw new Error(`the portal ${portal.name} has no page ${type}`)
    return page.writes.flatMap(({ chance }, i) => (random.next() < (chance[role] ?? 0) ? [i] : []))
  }
  return {
    draw: (random, { role, count }) => {
      const types = [landingType]
      while (types.length < count) {
        types.push(...(services[weightedIndex(random, uses)] as ServiceShare).pages)
      }
      return types.slice(0, count).map((type) => ({
        type,
        item: weightedIndex(random, popularity),
        writes: writesOf(random, type, role),
      }))
    },
  }
}

/** Weights of the page types after landing that a walk aims at. */
export function laterPageWeights(
  services: readonly ServiceShare[],
  pagesPerVisit: number,
): Map<string, number> {
  const weights = new Map<string, number>()
  for (const { share, pages } of withoutLanding(services, pagesPerVisit)) {
    for (const type of pages) weights.set(type, (weights.get(type) ?? 0) + share / pages.length)
  }
  return weights
}

/** Every visit has one landing page; what is left of home's share is visited later on. */
function withoutLanding(services: readonly ServiceShare[], pagesPerVisit: number) {
  return services.map((row) =>
    row.service === 'home' ? { ...row, share: Math.max(0, row.share - 1 / pagesPerVisit) } : row,
  )
}
