import { randomStream } from '../../core/random.ts'
import { dayVisits } from './day-visits.ts'
import { checked, type LoadCheck, uniformDistance } from './load-checks.ts'
import type { Schedule } from './plan.ts'
import { gapLaw, visitLaw } from './visit.ts'
import { heldGapCdf } from './visit-length.ts'

/** Visits of each role that are drawn to look at their laws. */
const visitsDrawn = 4_000

/**
 * Do visits come out as long as their laws say? Mean pages and mean gap of every role, and the
 * distance of the gaps from their law: of visits drawn as the schedule draws them.
 */
export function lawChecks({ request, thinkCompression }: Schedule): LoadCheck[] {
  const { scenario, profile, scale, seed } = request
  return dayVisits(profile, { ...scenario, scale }).flatMap((row) => {
    const law = visitLaw(row, profile, thinkCompression)
    const wanted = gapLaw(row, profile, thinkCompression)
    const cdf = heldGapCdf(wanted)
    const ranks: number[] = []
    let [pages, gapsMs, squares] = [0, 0, 0]
    for (let k = 0; k < visitsDrawn; k += 1) {
      const offsets = law.draw((k + 0.5) / visitsDrawn, randomStream(seed, 'check', row.role, k))
      pages += offsets.length - 1
      for (let i = 1; i < offsets.length; i += 1) {
        const gapMs = (offsets[i] as number) - (offsets[i - 1] as number)
        gapsMs += gapMs
        squares += gapMs * gapMs
        // The ends of the law are atoms: nothing to compare there.
        if (gapMs > wanted.minMs * 1.001 && gapMs < wanted.maxMs * 0.999) ranks.push(cdf(gapMs))
      }
    }
    const gapMs = gapsMs / pages
    const error = Math.sqrt((squares / pages - gapMs * gapMs) / pages)
    const [from, to] = [cdf(wanted.minMs * 1.001), cdf(wanted.maxMs * 0.999)]
    const inside = ranks.sort((a, b) => a - b).map((rank) => (rank - from) / (to - from))
    return [
      checked({
        name: `pages per visit, ${row.role}`,
        expected: row.pages,
        found: pages / visitsDrawn,
        tolerance: 0.02 * row.pages,
      }),
      checked({
        name: `gap between pages in ms, ${row.role}`,
        expected: wanted.meanMs,
        found: gapMs,
        tolerance: Math.max(0.02 * wanted.meanMs, 3 * error),
      }),
      checked({
        name: `law of gaps (distance), ${row.role}`,
        expected: 0,
        found: uniformDistance(inside),
        tolerance: 0.02,
      }),
    ]
  })
}
