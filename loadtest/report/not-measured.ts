import type { RunEvidence } from './evidence.ts'
import type { Result } from './result.ts'
import { sampleMinimum } from './slo.ts'

/** Nulls that are answers, by the last part of their path; see `Result`. */
const answers = new Set(['brokeAt', 'phase'])

/**
 * A reason for every null of the result, by path. What the run says itself comes first; what can
 * be deduced (an arm not run, a sample too small) is filled in. A null nobody can explain stays
 * without a reason, for `unexplainedNulls` to find.
 */
export function explainNulls(result: Result, run: RunEvidence): Readonly<Record<string, string>> {
  const reasons: Record<string, string> = { ...run.notMeasured }
  const explain = (path: string, why: string): void => {
    if (!isExplained(path, reasons)) reasons[path] = why
  }
  if ('notAudited' in run.writes) explain('writes', run.writes.notAudited)
  for (const name of ['direct', 'edge'] as const) {
    const arm = result.arms[name]
    const path = `arms.${name}`
    if (arm === null) {
      explain(path, 'this arm was not run')
      continue
    }
    arm.slos.forEach((slo, index) => {
      if (slo.holds !== null) return
      const least = sampleMinimum[slo.id] ?? 1
      const why = slo.sample < least ? `needs ${least} or more, had ${slo.sample}` : 'not measured'
      explain(`${path}.slos.${index}`, `${slo.id}: ${why}`)
    })
  }
  for (const path of nullPaths(result)) {
    const why = deduced(path)
    if (why !== null) explain(path, why)
  }
  return reasons
}

/** Paths of nulls that neither are answers nor have a reason; empty in an honest result. */
export function unexplainedNulls(result: Result): readonly string[] {
  return nullPaths(result).filter((path) => !isExplained(path, result.notMeasured))
}

function deduced(path: string): string | null {
  if (path.endsWith('goodputRatio')) return 'the target does not tell its pool seconds'
  if (path.endsWith('recovered')) return 'needs pages in phases before and after'
  if (path.endsWith('waitedMedianMs')) return 'nobody waited in line'
  if (path.endsWith('lostUpperBoundRatio')) return 'only meaningful with zero lost of some writes'
  if (path.endsWith('saves.p95Ms')) return 'nobody sent off a form'
  if (path.startsWith('multipliers.')) return 'not counted in this run'
  if (/^arms\..*\.(p\d\dMs|amplification|errorRatio|refusedRatio)$/.test(path))
    return 'no page to take it from'
  return null
}

function isExplained(path: string, reasons: Readonly<Record<string, string>>): boolean {
  const parts = path.split('.')
  return parts.some((_, index) => Object.hasOwn(reasons, parts.slice(0, index + 1).join('.')))
}

function nullPaths(value: unknown, path = ''): string[] {
  const last = path.slice(path.lastIndexOf('.') + 1)
  if (value === null) return answers.has(last) ? [] : [path]
  if (typeof value !== 'object' || last === 'timeline' || last === 'checks') return []
  return Object.entries(value).flatMap(([key, inner]) =>
    nullPaths(inner, path === '' ? key : `${path}.${key}`),
  )
}
