import type { ArmName, ArmResult, Result } from '../report/result.ts'
import { isRegression, type PairedDifference, pairedDifference } from './paired-difference.ts'

export type Comparison =
  | { readonly kind: 'refused'; readonly problems: readonly string[] }
  | { readonly kind: 'ok'; readonly rows: readonly ComparisonRow[] }

/** One arm of both runs. */
export interface ComparisonRow {
  readonly arm: ArmName
  /** p95 of every ten seconds, weighted alike. */
  readonly p95: PairedDifference | null
  /** Pages that were late or lost, of each ten seconds; a difference in pages, not a ratio. */
  readonly missedBefore: number
  readonly missedAfter: number
  readonly isWorse: boolean
}

/** Effects below this are nobody's concern. */
const leastRatio = 0.05

/**
 * Compares two runs of one schedule. Refused where they did not play the same: another schedule,
 * scale or way of compressing time, another machine where both name theirs, or an invalid run.
 */
export function compareResults(before: Result, after: Result): Comparison {
  const problems = differencesOf(before, after)
  const arms = (['direct', 'edge'] as const).filter(
    (arm) => before.arms[arm] !== null && after.arms[arm] !== null,
  )
  if (arms.length === 0) problems.push('arms: expected one that both runs played, found none.')
  if (problems.length > 0) return { kind: 'refused', problems }
  return {
    kind: 'ok',
    rows: arms.map((arm) => row(arm, before.arms[arm] as ArmResult, after.arms[arm] as ArmResult)),
  }
}

function differencesOf(before: Result, after: Result): string[] {
  const pairs: readonly (readonly [string, ...(string | number | undefined)[]])[] = [
    ['scheduleHash', before.scheduleHash, after.scheduleHash],
    ['scale', before.scale, after.scale],
    ['mode', before.mode, after.mode],
    ['machine', before.versions['machine'], after.versions['machine']],
  ]
  const problems = pairs
    .filter(([, one, other]) => one !== other)
    .map(
      ([name, one, other]) =>
        `${name}: expected the same in both runs, found ${one ?? 'none'}, ${other ?? 'none'}.`,
    )
  for (const { valid, startedAt } of [before, after]) {
    if (!valid) problems.push(`valid: expected runs whose load was delivered, found ${startedAt}.`)
  }
  return problems
}

function row(arm: ArmName, before: ArmResult, after: ArmResult): ComparisonRow {
  const [first, second] = [windowsOf(before), windowsOf(after)]
  const shared = [...first.keys()].filter((at) => second.has(at))
  const p95 = pairedDifference(
    shared.map((at) => ({ before: first.get(at) as number, after: second.get(at) as number })),
    1,
  )
  return {
    arm,
    p95,
    missedBefore: before.pagesIntended - before.pagesInSlo,
    missedAfter: after.pagesIntended - after.pagesInSlo,
    isWorse: isRegression(p95, leastRatio),
  }
}

/** p95 of every ten seconds that had pages, by the window's number. */
function windowsOf({ timeline }: ArmResult): Map<number, number> {
  const windows = new Map<number, number>()
  for (const { atMs, p95Ms } of timeline) {
    if (p95Ms !== null) windows.set(Math.floor(atMs / 10_000), p95Ms)
  }
  return windows
}

/** The comparison as people read it. */
export function comparisonText(rows: readonly ComparisonRow[]): string {
  const percent = (ratio: number): string => `${ratio > 0 ? '+' : ''}${(ratio * 100).toFixed(1)} %`
  const lines = rows.map(({ arm, p95, missedBefore, missedAfter, isWorse }) => {
    const figures =
      p95 === null
        ? 'p95: too little to compare'
        : `p95 ${percent(p95.ratio)} (99 % interval ${percent(p95.low)} to ${percent(p95.high)}, ` +
          `${p95.windows} windows of ten seconds)`
    const ending = isWorse ? 'WORSE' : 'no regression'
    return `${arm}: ${ending}; ${figures}; pages late or lost ${missedBefore}, then ${missedAfter}`
  })
  return `${lines.join('\n')}\n`
}
