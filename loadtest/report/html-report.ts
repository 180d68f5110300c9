import { escapeMarkup, table } from './html-markup.ts'
import {
  generatorSection,
  peopleSection,
  promisesSection,
  simulatedSection,
} from './html-sections.ts'
import { responseSection } from './html-response.ts'
import { styleSheet } from './html-style.ts'
import { timelineSection } from './html-timeline.ts'
import { armsRun, type PageLanguage, pageLanguage } from './page-language.ts'
import type { ArmName, ArmResult, Result } from './result.ts'

/**
 * The whole report as one offline page: no script, no request, French first. The English half is
 * shown when it, or anything in it, is the target of the address.
 */
export function htmlReport(result: Result): string {
  const title = `Écluse · ${result.scenario.title.fr}`
  return `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeMarkup(title)}</title>
<style>${styleSheet}</style>
</head>
<body>
<div class="page" id="fr">${page(result, pageLanguage('fr'))}</div>
<div class="page" id="en" lang="en">${page(result, pageLanguage('en'))}</div>
</body>
</html>
`
}

function page(result: Result, words: PageLanguage): string {
  const { say } = words
  const section = (title: string, content: string): string =>
    `<section><h2>${escapeMarkup(title)}</h2>\n${content}</section>`
  return `
<header>
<div class="top"><span>Écluse · ${say('répétition générale', 'rehearsal')} · <time datetime="${escapeMarkup(result.startedAt)}">${escapeMarkup(result.startedAt.slice(0, 10))}</time></span>
<a class="switch" href="${say('#en', '#fr')}" lang="${say('en', 'fr')}" hreflang="${say('en', 'fr')}">${say('English', 'Français')}</a></div>
</header>
<main>
${banner(result, words)}
${section(say('Ce qui a été simulé', 'What was simulated'), simulatedSection(result, words))}
${section(say('Chronologie', 'Timeline'), timelineSection(result, words))}
${section(say('Temps de réponse et objectifs', 'Response times and objectives'), responseSection(result, words))}
${section(say('Qui est entré, qui a attendu, qui a renoncé', 'Who got in, who waited, who gave up'), peopleSection(result, words))}
${section(say('Écritures et confidentialité', 'Writes and privacy'), promisesSection(result, words))}
${section(say('Ce que vaut la mesure', 'What the measurement is worth'), generatorSection(result, words) + notMeasured(result, words))}
${section(say('Refaire ce tir', 'Reproduce this run'), reproduce(result, words))}
</main>
<footer>${say('Tout ce qui est affiché vient de', 'Everything shown comes from')} <code>result.json</code>.</footer>`
}

function banner(result: Result, words: PageLanguage): string {
  const { say, language } = words
  const badges = {
    pass: say('✓ Réussite', '✓ Pass'),
    fail: say('✕ Échec', '✕ Fail'),
    invalid: say('– Tir invalide', '– Invalid run'),
  }
  const text = result.verdictText[language]
  return `<div class="banner ${result.verdict}">
<span class="badge">${badges[result.verdict]}</span>
<h1>${escapeMarkup(headline(result, words))}</h1>
<p class="lead">${escapeMarkup(text.charAt(0).toUpperCase() + text.slice(1))}</p>
<div class="arms">${armsRun(result)
    .map(({ name, arm }) => armCard(name, arm, words))
    .join('\n')}</div>
</div>`
}

function headline(result: Result, { say }: PageLanguage): string {
  const { direct, edge } = result.arms
  if (result.verdict === 'invalid')
    return say('Ce tir ne permet pas de conclure', 'This run allows no conclusion')
  if (result.exitCode === 5)
    return say(
      'Des écritures acquittées manquent ou sont en double',
      'Acknowledged writes are missing or doubled',
    )
  if ((edge ?? direct)?.leaks.foreignCanaries)
    return say('Des données ont été montrées à d’autres', 'Data was shown to other people')
  const subject =
    edge === null
      ? say('Le portail seul', 'The portal alone')
      : say('Avec l’écluse, le portail', 'With the edge, the portal')
  if (result.verdict === 'fail') return `${subject} ${say('ne tient pas', 'does not hold')}`
  const contrast =
    direct?.outcome === 'breaks' && edge !== null
      ? say(' ; seul, il rompt', '; alone, it breaks')
      : ''
  return `${subject} ${say('tient', 'holds')}${contrast}`
}

function armCard(name: ArmName, arm: ArmResult, words: PageLanguage): string {
  const { say, share, ms, factor } = words
  const outcomes = {
    holds: say('Tient', 'Holds'),
    breaks:
      arm.brokeAt === null
        ? say('Manque ses objectifs', 'Misses its objectives')
        : say(`Rompt à ${arm.brokeAt}`, `Breaks at ${arm.brokeAt}`),
    'not-judged': say('Non jugé', 'Not judged'),
  }
  const tone = { holds: 'mark good', breaks: 'mark bad', 'not-judged': 'mark unknown' }[arm.outcome]
  const inTime = arm.pagesIntended === 0 ? null : arm.pagesInSlo / arm.pagesIntended
  const recovered =
    arm.recovered === null ? '–' : arm.recovered ? say('oui', 'yes') : say('non', 'no')
  const rows = [
    [say('pages dans les délais', 'pages in time'), share(inTime)],
    [say('p95 de tout le tir', 'p95 of the whole run'), ms(arm.p95Ms)],
    [say('essais par page', 'attempts per page'), factor(arm.amplification)],
    [
      say('travail utile du portail au pic', 'useful work of the portal at the peak'),
      share(arm.goodputRatio),
    ],
    [say('se rétablit de lui-même', 'recovers by itself'), recovered],
  ] as const
  const figures = rows.map(
    ([term, value]) => `<dt>${escapeMarkup(term)}</dt><dd>${escapeMarkup(value)}</dd>`,
  )
  return `<div class="arm"><h3>${escapeMarkup(words.arm(name))}</h3><p class="outcome ${tone}">${escapeMarkup(outcomes[arm.outcome])}</p>
<dl class="figures">${figures.join('')}</dl></div>`
}

function notMeasured(result: Result, { say }: PageLanguage): string {
  const rows = Object.entries(result.notMeasured).map(([path, why]) => [
    { markup: `<code>${escapeMarkup(path)}</code>` },
    { markup: `<span lang="en" class="note">${escapeMarkup(why)}</span>` },
  ])
  if (rows.length === 0) return ''
  return table({
    caption: say('Ce qui n’a pas été mesuré, et pourquoi', 'What was not measured, and why'),
    columns: [say('chiffre', 'figure'), say('motif', 'reason')],
    rows,
  })
}

function reproduce(result: Result, { say }: PageLanguage): string {
  const named = (names: readonly string[], none: string): string =>
    names.length === 0 ? none : names.map((name) => `<code>${escapeMarkup(name)}</code>`).join(', ')
  const versions = Object.entries(result.versions).map(([name, version]) => `${name} ${version}`)
  return `<pre>${escapeMarkup(result.reproduce)}</pre>
<dl class="facts">
<dt>${say('Protections coupées', 'Protections switched off')}</dt><dd>${named(result.protectionsOff, say('aucune', 'none'))}</dd>
<dt>${say('Incidents provoqués pendant la pointe', 'Troubles made in the peak')}</dt><dd>${named(result.troubles, say('aucun', 'none'))}</dd>
<dt>${say('Empreinte du programme', 'Schedule hash')}</dt><dd><code>${escapeMarkup(result.scheduleHash)}</code></dd>
<dt>${say('Versions', 'Versions')}</dt><dd>${escapeMarkup(versions.join(', '))}</dd>
</dl>`
}
