import { formatMs, formatRatio, type Language } from './number-format.ts'
import type {
  BilingualText,
  GeneratorCheck,
  GeneratorCheckId,
  GeneratorFigures,
  GeneratorResult,
  InvalidReason,
} from './result.ts'

/**
 * What the load must be like before it may judge a portal: people start when they meant to, and
 * all of them do. Beyond these the generator measures itself.
 */
export const generatorLimits: Readonly<Record<GeneratorCheckId, number>> = {
  'start-lag-p99': 50,
  'start-lag-max': 1000,
  'page-lag-p99': 50,
  'event-loop-delay-p99': 20,
  cpu: 0.8,
  delivered: 1,
}

/** The worst figures of the arms, each beside its limit. A figure missing in one arm is missing. */
export function judgeGenerator(arms: readonly GeneratorFigures[]): GeneratorResult {
  const worst = (pick: (figures: GeneratorFigures) => number | null): number | null => {
    const values = arms.map(pick)
    return values.length === 0 || values.includes(null) ? null : Math.max(...(values as number[]))
  }
  const shortfall = worst(({ deliveredRatio: ratio }) => (ratio === null ? null : -ratio))
  const figures: GeneratorFigures = {
    startLagP99Ms: worst((arm) => arm.startLagP99Ms),
    startLagMaxMs: worst((arm) => arm.startLagMaxMs),
    pageLagP99Ms: worst((arm) => arm.pageLagP99Ms),
    eventLoopDelayP99Ms: worst((arm) => arm.eventLoopDelayP99Ms),
    cpuRatio: worst((arm) => arm.cpuRatio),
    deliveredRatio: shortfall === null ? null : -shortfall,
  }
  return {
    ...figures,
    checks: [
      check('start-lag-p99', figures.startLagP99Ms),
      check('start-lag-max', figures.startLagMaxMs),
      check('page-lag-p99', figures.pageLagP99Ms),
      check('event-loop-delay-p99', figures.eventLoopDelayP99Ms),
      check('cpu', figures.cpuRatio),
      check('delivered', figures.deliveredRatio),
    ],
  }
}

/** One reason per check that does not hold, with its figure and its limit. */
export function reasonsOf(checks: readonly GeneratorCheck[]): readonly InvalidReason[] {
  return checks
    .filter((row) => row.holds === false)
    .map((row) => ({ id: row.id, fr: reason(row, 'fr'), en: reason(row, 'en') }))
}

/** What a check looks at, for tables. */
export const checkNames: Readonly<Record<GeneratorCheckId, BilingualText>> = {
  'start-lag-p99': { fr: 'retard au départ, p99', en: 'start lag p99' },
  'start-lag-max': { fr: 'retard au départ, maximum', en: 'start lag maximum' },
  'page-lag-p99': { fr: 'retard des pages, p99', en: 'page lag p99' },
  'event-loop-delay-p99': { fr: 'retard de la boucle, p99', en: 'event-loop delay p99' },
  cpu: { fr: 'processeur du générateur', en: 'generator CPU' },
  delivered: { fr: 'sessions lancées sur prévues', en: 'sessions started of scheduled' },
}

/** A check's figure or limit in its unit. */
export function formatCheck(row: GeneratorCheck, which: 'actual' | 'limit', language: Language) {
  const isShare = row.id === 'cpu' || row.id === 'delivered'
  return isShare ? formatRatio(row[which], language) : formatMs(row[which], language)
}

function check(id: GeneratorCheckId, actual: number | null): GeneratorCheck {
  const limit = generatorLimits[id]
  // Sessions delivered is the one figure of which more is better.
  const holds = actual === null ? null : id === 'delivered' ? actual >= limit : actual <= limit
  return { id, limit, actual, holds }
}

function reason(row: GeneratorCheck, language: Language): string {
  const sign = row.id === 'delivered' ? '<' : '>'
  const figure = formatCheck(row, 'actual', language)
  return `${checkNames[row.id][language]} ${figure} ${sign} ${formatCheck(row, 'limit', language)}`
}
