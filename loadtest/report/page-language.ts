import {
  formatCount,
  formatFactor,
  formatMs,
  formatMultiplier,
  formatRatio,
  type Language,
} from './number-format.ts'
import type { ArmName, Result } from './result.ts'

/** One language of the report: its words and its numbers. */
export interface PageLanguage {
  readonly language: Language
  readonly say: (fr: string, en: string) => string
  readonly count: (value: number | null) => string
  readonly ms: (value: number | null) => string
  readonly share: (value: number | null) => string
  readonly factor: (value: number | null) => string
  readonly multiplier: (value: number | null) => string
  readonly arm: (name: ArmName) => string
  /** A phase by the name scenarios give it; an unknown one keeps its own. */
  readonly phase: (name: string | null) => string
}

/** The words and numbers of `language`. */
export function pageLanguage(language: Language): PageLanguage {
  const isFrench = language === 'fr'
  return {
    language,
    // French sets its high punctuation off with a space that must not break.
    say: (fr, en) => (isFrench ? fr.replaceAll(/ (?=[:;!?])/g, '\u00a0') : en),
    count: (value) => formatCount(value, language),
    ms: (value) => formatMs(value, language),
    share: (value) => formatRatio(value, language),
    factor: (value) => formatFactor(value, language),
    multiplier: (value) => formatMultiplier(value, language),
    arm: (name) => armTitles[name][language],
    phase: (name) => {
      if (name === null) return isFrench ? 'tout le tir' : 'whole run'
      return (isFrench ? frenchPhases[name] : undefined) ?? name
    },
  }
}

/** The arms that were run, direct first. */
export function armsRun(result: Result) {
  return (['direct', 'edge'] as const).flatMap((name) => {
    const arm = result.arms[name]
    return arm === null ? [] : [{ name, arm }]
  })
}

const armTitles = {
  direct: { fr: 'Portail seul', en: 'Portal alone' },
  edge: { fr: 'Avec l’écluse', en: 'With the edge' },
} as const

const frenchPhases: Readonly<Record<string, string>> = {
  before: 'avant',
  rise: 'montée',
  peak: 'pic',
  after: 'après',
}
