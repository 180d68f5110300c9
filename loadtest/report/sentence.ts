import { formatCount, formatFactor, formatMs, formatRatio, type Language } from './number-format.ts'
import { missedRatio } from './page-figures.ts'
import type { ArmName, ArmResult, BilingualText, InvalidReason, WriteResult } from './result.ts'
import type { Verdict } from './result.ts'
import { worstPhase } from './verdict.ts'

/** How each arm is called in speech. */
export const armNames: Readonly<Record<ArmName, BilingualText>> = {
  direct: { fr: 'en direct', en: 'direct' },
  edge: { fr: 'avec l’écluse', en: 'with the edge' },
}

/** "breaks at 08:53 (p95 9.8 s, 41 % of pages late or lost, 5.1x retry amplification)". */
export function armSentence(arm: Omit<ArmResult, 'text'>): BilingualText {
  return {
    fr: `${outcomeFr(arm)}${figures(arm, 'fr')}`,
    en: `${outcomeEn(arm)}${figures(arm, 'en')}`,
  }
}

/** The sentence a decision maker reads; nothing in it that was not measured. */
export function overallSentence(facts: {
  readonly verdict: Verdict
  readonly invalidReasons: readonly InvalidReason[]
  readonly arms: Readonly<Record<ArmName, Pick<ArmResult, 'outcome' | 'text' | 'leaks'> | null>>
  readonly writes: WriteResult
}): BilingualText {
  return { fr: overall(facts, 'fr'), en: overall(facts, 'en') }
}

function overall(facts: Parameters<typeof overallSentence>[0], language: Language): string {
  const isFrench = language === 'fr'
  const colon = isFrench ? '\u00a0: ' : ': '
  const parts: string[] = []
  if (facts.verdict === 'invalid') parts.push(invalidPart(facts.invalidReasons, language))
  else {
    for (const name of ['direct', 'edge'] as const) {
      const arm = facts.arms[name]
      if (arm !== null) parts.push(`${armNames[name][language]}${colon}${arm.text[language]}`)
    }
    if (facts.arms.edge?.outcome === 'holds' && facts.arms.direct?.outcome === 'holds') {
      parts.push(
        isFrench
          ? 'l’origine seule tient aussi\u00a0: cette charge ne montre pas ce que l’écluse apporte'
          : 'the origin alone holds too: this load does not show what the edge is worth',
      )
    }
  }
  parts.push(...leakPart(facts.arms, language), ...writePart(facts.writes, language))
  return `${parts.join(isFrench ? '\u00a0; ' : '; ')}.`
}

function invalidPart(reasons: readonly InvalidReason[], language: Language): string {
  const why = reasons.map((reason) => reason[language]).join(', ')
  return language === 'fr'
    ? `INVALIDE, ni réussite ni échec\u00a0: ${why || 'trop peu de pages pour juger'}`
    : `INVALID, neither a pass nor a fail: ${why || 'too few pages to judge'}`
}

function leakPart(arms: Parameters<typeof overallSentence>[0]['arms'], language: Language) {
  const found = (arms.direct?.leaks.foreignCanaries ?? 0) + (arms.edge?.leaks.foreignCanaries ?? 0)
  if (found === 0) return []
  const count = formatCount(found, language)
  return language === 'fr'
    ? [`FUITE\u00a0: ${count} réponses portaient les données d’une autre personne`]
    : [`LEAK: ${count} answers carried another person’s data`]
}

function writePart(writes: WriteResult, language: Language): string[] {
  if (writes.audit === 'not audited' || writes.lost === null) return []
  const lost = formatCount(writes.lost, language)
  const total = formatCount(writes.acknowledged, language)
  const twice = writes.duplicated ?? 0
  if (language === 'fr') {
    const noun = writes.lost > 1 ? 'écritures acquittées perdues' : 'écriture acquittée perdue'
    const text = `${lost} ${noun} sur ${total}`
    return [twice > 0 ? `${text}, ${formatCount(twice, 'fr')} appliquées deux fois` : text]
  }
  const text = `${lost} of ${total} acknowledged writes lost`
  return [twice > 0 ? `${text}, ${formatCount(twice, 'en')} applied twice` : text]
}

function outcomeFr({ outcome, brokeAt }: Pick<ArmResult, 'outcome' | 'brokeAt'>): string {
  if (outcome === 'holds') return 'tient'
  if (outcome === 'not-judged') return 'non jugé'
  return brokeAt === null ? 'manque ses objectifs' : `rompt à ${brokeAt}`
}

function outcomeEn({ outcome, brokeAt }: Pick<ArmResult, 'outcome' | 'brokeAt'>): string {
  if (outcome === 'holds') return 'holds'
  if (outcome === 'not-judged') return 'not judged'
  return brokeAt === null ? 'misses its objectives' : `breaks at ${brokeAt}`
}

/** Figures of the worst phase: averages over a whole morning hide the ten minutes that matter. */
function figures(arm: Omit<ArmResult, 'text'>, language: Language): string {
  const phase = worstPhase(arm.phases)
  if (phase === undefined || phase.pagesIntended === 0) return ''
  const missed = formatRatio(missedRatio(phase), language)
  const parts = [
    `p95 ${formatMs(phase.p95Ms, language)}`,
    language === 'fr'
      ? `${missed} des pages tardives ou perdues`
      : `${missed} of pages late or lost`,
  ]
  if (arm.outcome === 'breaks') {
    const factor = formatFactor(phase.amplification, language)
    parts.push(language === 'fr' ? `amplification ${factor}` : `${factor} retry amplification`)
  }
  if (arm.recovered === false) {
    parts.push(language === 'fr' ? 'ne se rétablit pas' : 'does not recover')
  }
  return ` (${parts.join(', ')})`
}
