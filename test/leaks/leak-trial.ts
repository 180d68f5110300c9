import { randomStream } from '../../core/random.ts'
import { openOrigin } from '../support/origin.ts'
import { openLeakEdge } from './leak-edge.ts'
import { type LeakReport, runLeaks } from './leak-run.ts'
import type { MutantName } from './mutants.ts'
import { TruthfulPortal } from './portal.ts'

export interface LeakTrial extends LeakReport {
  /** What the edge said to people: faults. */
  readonly said: string
  readonly seconds: number
}

/** Plays a thousand people over an edge process of its own, as shipped or a mutant of it. */
export async function leakTrial(facts: {
  readonly seed: string
  readonly requests: number
  readonly ownAtLeast?: number
  readonly mutant?: MutantName
}): Promise<LeakTrial> {
  const startedAtMs = performance.now()
  const portal = new TruthfulPortal(randomStream(facts.seed, 'portal'))
  const origin = await openOrigin(portal.answer)
  const edge = await openLeakEdge(origin.url, facts.mutant ? hookFor(facts.mutant) : [])
  try {
    const report = await runLeaks({ ...facts, url: edge.url, portal, users: 1000, connections: 64 })
    const seconds = (performance.now() - startedAtMs) / 1000
    return { ...report, said: edge.said.join(''), seconds }
  } finally {
    await edge.close()
    await origin.close()
  }
}

function hookFor(mutant: MutantName): string[] {
  const hook = new URL(`mutant-hook.ts?${encodeURIComponent(mutant)}`, import.meta.url)
  return ['--import', hook.href]
}
