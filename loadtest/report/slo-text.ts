import { formatCount, formatFactor, formatMs, formatRatio, type Language } from './number-format.ts'
import type { BilingualText, SloId, SloResult } from './result.ts'

/** What a limit is about, in words. */
export const sloNames: Readonly<Record<SloId, BilingualText>> = {
  p95: { fr: 'temps de réponse p95', en: 'response p95' },
  p99: { fr: 'temps de réponse p99', en: 'response p99' },
  'error-ratio': { fr: 'part d’erreurs', en: 'error share' },
  amplification: { fr: 'amplification par rechargement', en: 'retry amplification' },
  'save-p95': { fr: 'enregistrement p95', en: 'saving p95' },
  'foreign-canaries': { fr: 'données d’autrui', en: 'foreign canaries' },
  'writes-lost': { fr: 'écritures perdues', en: 'writes lost' },
  'writes-duplicated': { fr: 'écritures appliquées deux fois', en: 'writes applied twice' },
}

/** Name, figure and limit of one objective, in its unit. */
export function sloFigures(slo: SloResult, language: Language) {
  const show = formatOf(slo.id)
  return {
    name: sloNames[slo.id][language],
    actual: show(slo.actual, language),
    limit: show(slo.limit, language),
  }
}

function formatOf(id: SloId) {
  switch (id) {
    case 'p95':
    case 'p99':
    case 'save-p95':
      return formatMs
    case 'error-ratio':
      return formatRatio
    case 'amplification':
      return formatFactor
    case 'foreign-canaries':
    case 'writes-lost':
    case 'writes-duplicated':
      return formatCount
  }
}
