import type { MorningFigures } from './questions.ts'

/** One line of the audit trail of the edge. */
export interface Decision {
  /** ISO 8601. */
  readonly at: string
  readonly who: string
  readonly did: string
}

export interface Morning {
  readonly fromText: string
  readonly toText: string
  readonly figures: MorningFigures
  readonly decisions: readonly Decision[]
  /** False when no audit file was given: then "none" would be a claim. */
  readonly hasTrail: boolean
}

/** Fewer than this could point at somebody: the page says so instead of the number. */
const hiddenBelow = 10

/** The page of the day after, for the authority that answers for the portal: French, one sheet. */
export function morningPage(morning: Morning): string {
  const { figures, fromText, toText } = morning
  const asked = sum(figures.served, figures.waits, figures.turnedAway, figures.failed)
  return `<!doctype html>
<html lang="fr"><head><meta charset="utf-8">
<title>La matinée du ${escape(fromText)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root{color-scheme:light dark;font:1.05rem/1.55 system-ui,sans-serif}
body{max-width:44rem;margin:2rem auto;padding:0 1.25rem}
h1{font-size:1.7rem;line-height:1.2;text-wrap:balance}h2{font-size:1.15rem;margin:1.8rem 0 .4rem}
dl{display:grid;grid-template-columns:1fr auto;gap:.3rem 1.5rem;margin:0;border-block:1px solid;padding:.8rem 0}
dd{margin:0;font-weight:650;text-align:right;font-variant-numeric:tabular-nums}
li{margin:.2rem 0}footer{margin-top:2rem;font-size:.9rem}
@media print{body{margin:0;font-size:11pt}}
</style></head>
<body><main>
<h1>La matinée du ${escape(fromText)} au ${escape(toText)}</h1>
<p>${escape(summary(figures, asked))}</p>
<h2>Qui est entré, qui a attendu</h2>
<dl>
${row('Sessions dans le portail, au plus fort', people(figures.insideMost))}
${row('Personnes en salle d’attente, au plus fort', people(figures.waitingMost))}
${row('Demandes servies', people(figures.served))}
${row('Pages d’attente données', people(figures.waits))}
</dl>
<h2>Qui a été refusé</h2>
<dl>
${row('Demandes refusées', `${people(figures.turnedAway)} (${share(figures.turnedAway, asked)})`)}
${row('Demandes en échec', `${people(figures.failed)} (${share(figures.failed, asked)})`)}
${row('Réponses à temps : 95 % en moins de', seconds(figures.p95Seconds))}
${row('Le portail répondait en direct', ratio(figures.portalUpRatio))}
</dl>
<h2>Ce qui a été remis plus tard</h2>
<dl>
${row('Envois acceptés pour plus tard', people(figures.absorbed))}
${row('Attente la plus longue de l’un d’eux', seconds(figures.oldestWriteSeconds))}
${row('Envois mis de côté, à reprendre à la main', people(figures.deadLetters))}
</dl>
<h2>Ce qui a été décidé</h2>
${decisions(morning)}
</main>
<footer>Chiffres relevés par Écluse. Un nombre entre 1 et ${hiddenBelow - 1} n’est pas montré ; un tiret : non mesuré.</footer>
</body></html>
`
}

function summary(figures: MorningFigures, asked: number | null): string {
  if (asked === null || asked === 0 || figures.served === null) {
    return 'Aucune demande n’a été relevée sur cette période.'
  }
  const held = figures.failed !== null && figures.failed / asked < 0.01
  const waited = (figures.waitingMost ?? 0) > 0
  const first = held
    ? 'Le portail a tenu : moins d’une demande sur cent a échoué.'
    : `Le portail a souffert : ${share(figures.failed, asked)} des demandes ont échoué.`
  return waited
    ? `${first} Des personnes ont attendu d’entrer, leur place gardée.`
    : `${first} Personne n’a eu à attendre pour entrer.`
}

function decisions({ decisions, hasTrail }: Morning): string {
  if (!hasTrail) return '<p>Le journal des actions n’a pas été donné.</p>'
  if (decisions.length === 0) return '<p>Aucun réglage n’a été changé.</p>'
  const items = decisions.map(
    ({ at, who, did }) =>
      `<li>${escape(at)}, ${escape(who)} : <span lang="en">${escape(did)}</span></li>`,
  )
  return `<ol>${items.join('\n')}</ol>`
}

function row(name: string, value: string): string {
  return `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`
}

/** A count, hidden when it is so small that it could be somebody. */
function people(value: number | null): string {
  if (value === null) return '—'
  const whole = Math.round(value)
  if (whole > 0 && whole < hiddenBelow) return `moins de ${hiddenBelow}`
  return whole.toLocaleString('fr')
}

/** A share; none is given of a count that is hidden, from which it could be worked out. */
function share(part: number | null, whole: number | null): string {
  if (part === null || whole === null || whole === 0) return '—'
  const isHidden = Math.round(part) > 0 && Math.round(part) < hiddenBelow
  return isHidden ? 'part non montrée' : ratio(part / whole)
}

function ratio(value: number | null): string {
  if (value === null) return '—'
  return `${(value * 100).toLocaleString('fr', { maximumFractionDigits: 1 })}\u00a0%`
}

function seconds(value: number | null): string {
  if (value === null) return '—'
  if (value < 60) return `${value.toLocaleString('fr', { maximumFractionDigits: 1 })}\u00a0s`
  return `${Math.floor(value / 60)}\u00a0min\u00a0${Math.floor(value % 60)}\u00a0s`
}

function sum(...values: readonly (number | null)[]): number | null {
  if (values.includes(null)) return null
  return values.reduce<number>((total, value) => total + (value ?? 0), 0)
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
