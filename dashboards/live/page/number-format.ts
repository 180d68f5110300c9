import type { Language } from './words.ts'

/** What a figure is counted in. */
export type Unit = 'count' | 'perSecond' | 'ms' | 'seconds' | 'ratio'

const dash = '—'

/** A figure as people read it; a dash when it was not measured. */
export function formatFigure(value: number | null, unit: Unit, language: Language): string {
  if (value === null) return dash
  switch (unit) {
    case 'count':
      return whole(value, language)
    case 'perSecond':
      return value > 0 && value < 10 ? decimal(value, language) : whole(value, language)
    case 'ratio':
      return `${value > 0 && value < 0.1 ? decimal(value * 100, language) : whole(value * 100, language)}\u202f%`
    case 'seconds':
      return formatMs(value * 1_000, language)
    case 'ms':
      return formatMs(value, language)
  }
}

function formatMs(ms: number, language: Language): string {
  if (ms < 10) return `${decimal(ms, language)}\u00a0ms`
  if (ms < 1_000) return `${whole(ms, language)}\u00a0ms`
  if (ms < 60_000) return `${decimal(ms / 1_000, language)}\u00a0s`
  return `${whole(Math.floor(ms / 60_000), language)}\u00a0min\u00a0${Math.floor((ms % 60_000) / 1_000)}\u00a0s`
}

function whole(value: number, language: Language): string {
  return Math.round(value).toLocaleString(language)
}

function decimal(value: number, language: Language): string {
  return value.toLocaleString(language, { maximumFractionDigits: 1 })
}
