import { logNormal } from '../../core/distributions.ts'
import type { RandomStream } from '../../core/random.ts'
import type { RoleVisits } from './day-visits.ts'
import type { Profile } from './profile.ts'
import { heldMedianMs, measuredPages, pageCountQuantile, stretchedPages } from './visit-length.ts'

/** How long visits of one role are, ready to draw from. */
export interface VisitLaw {
  /** Ms from the visit's first page to each page, and last to where the person is gone. */
  draw(u: number, random: RandomStream): number[]
}

/**
 * The law of one role's visits with think times divided by `compression`. A gap runs from page
 * start to page start; it is never compressed below the portal's answer plus the shortest think
 * time, and its median is chosen so that its mean is exact all the same.
 */
export function visitLaw(visits: RoleVisits, profile: Profile, compression: number): VisitLaw {
  const { quantile, mean } = pageLaw(visits, profile)
  const ratio = (visits.pages - 1) / (mean - 1)
  const law = gapLaw(visits, profile, compression)
  const median = heldMedianMs(law)
  return {
    draw: (u, random) => {
      const count = stretchedPages(quantile(u), ratio, random.next())
      const offsets = [0]
      for (let page = 0, at = 0; page < count; page += 1) {
        const gap = logNormal(random, median, law.sigma)
        at += Math.min(law.maxMs, Math.max(law.minMs, gap))
        offsets.push(at)
      }
      return offsets
    },
  }
}

/** The pages of a role's ordinary visit: as measured, else a log-normal of its mean. */
function pageLaw(visits: RoleVisits, profile: Profile) {
  const measured = profile.pagesCumulative?.value
  if (measured !== undefined) return measuredPages(measured)
  const mean = visits.baselinePages
  const quantile = pageCountQuantile({
    mean,
    sigma: profile.pagesSigma.value,
    max: profile.pagesMax.value,
  })
  return { quantile, mean }
}

/** The gaps of one role at a compression; impossible when `meanMs` is not above `minMs`. */
export function gapLaw(visits: RoleVisits, profile: Profile, compression: number) {
  return {
    meanMs: visits.gapMs / compression,
    sigma: profile.gapSigma.value,
    minMs: profile.answerMs.value + profile.thinkMinMs.value,
    maxMs: profile.gapMaxMs.value / compression,
  }
}
