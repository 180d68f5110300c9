/** The languages a report is written in. */
export type Language = 'fr' | 'en'

/** A whole number with its thousands apart: "3,114" or "3 114". */
export function formatCount(value: number | null, language: Language): string {
  return value === null ? absent : plain(value, 0, language)
}

/** A duration a person can compare at a glance: "420 ms", "9.8 s", "12 min". */
export function formatMs(value: number | null, language: Language): string {
  if (value === null) return absent
  if (value < 1) return `${plain(value, 1, language)}${space}ms`
  if (value < 1000) return `${plain(value, 0, language)}${space}ms`
  if (value < 120_000) {
    const seconds = value / 1000
    return `${plain(seconds, seconds < 20 ? 1 : 0, language)}${space}s`
  }
  return `${plain(value / 60_000, 0, language)}${space}min`
}

/**
 * A share as a percentage: "41 %", "0.4 %". Never rounded onto 0 or 100 when it is neither: those
 * two are promises.
 */
export function formatRatio(value: number | null, language: Language): string {
  if (value === null) return absent
  const percent = value * 100
  if (percent > 0 && percent < 0.01) return `<${space}${plain(0.01, 2, language)}${space}%`
  const digits = percent < 1 || (percent > 99 && percent < 100) ? 2 : percent < 10 ? 1 : 0
  const cut = percent > 99 && percent < 100 ? Math.floor(percent * 100) / 100 : percent
  return `${plain(cut, digits, language)}${space}%`
}

/** How many times over: "5.1x" or "×5,1". */
export function formatFactor(value: number | null, language: Language): string {
  return value === null ? absent : times(plain(value, value < 2 ? 2 : 1, language), language)
}

/** A surge multiplier, fine enough to compare one requested with one delivered: "2.55x". */
export function formatMultiplier(value: number | null, language: Language): string {
  return value === null ? absent : times(plain(value, 2, language), language)
}

/** What stands where nothing was measured; never a zero. */
export const absent = '–'

/** Holds number and unit on one line. */
const space = '\u00a0'

function times(digits: string, language: Language): string {
  return language === 'fr' ? `×${digits}` : `${digits}x`
}

const formats = new Map<string, Intl.NumberFormat>()

function plain(value: number, digitsMax: number, language: Language): string {
  const name = `${language}${digitsMax}`
  let format = formats.get(name)
  if (format === undefined) {
    format = new Intl.NumberFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
      maximumFractionDigits: digitsMax,
    })
    formats.set(name, format)
  }
  return format.format(value)
}
