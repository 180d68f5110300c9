import { checkNames, formatCheck } from './generator-verdict.ts'
import { type Cell, details, escapeMarkup, holdsMark, table } from './html-markup.ts'
import { armsRun, type PageLanguage } from './page-language.ts'
import type { MultiplierName, Result } from './result.ts'

/** Requested, planned and delivered, what time compression bent, and what names the run. */
export function simulatedSection(result: Result, words: PageLanguage): string {
  const { say, multiplier, share } = words
  const names: Readonly<Record<MultiplierName, string>> = {
    sessions: say('sessions', 'sessions'),
    pages: say('pages vues', 'page views'),
    duration: say('durée d’une session', 'session duration'),
  }
  const rows = (['sessions', 'pages', 'duration'] as const).map((name): Cell[] => {
    const { requested, planned, delivered } = result.multipliers[name]
    const interval = delivered && `${multiplier(delivered.low)} … ${multiplier(delivered.high)}`
    return [
      names[name],
      multiplier(requested),
      multiplier(planned),
      multiplier(delivered?.value ?? null),
      interval ?? '–',
    ]
  })
  const treatments = {
    kept: say('conservé', 'kept'),
    compressed: say('comprimé', 'compressed'),
    scaled: say('réduit', 'scaled'),
    'left out': say('omis', 'left out'),
  }
  return [
    `<p class="lead">${escapeMarkup(result.scenario.title[words.language])} · ${say('échelle', 'scale')} ${share(result.scale)} · ${say('mode', 'mode')} <code>${escapeMarkup(result.mode)}</code> · ${say('graine', 'seed')} <code>${result.seed}</code></p>`,
    table({
      caption: say('Par rapport à un jour ordinaire apparié', 'Against a paired ordinary day'),
      columns: [
        '',
        say('demandé', 'requested'),
        say('prévu', 'planned'),
        say('réalisé', 'delivered'),
        say('intervalle à 95 %', '95 % interval'),
      ],
      rows,
    }),
    result.fidelity.length === 0
      ? ''
      : details(
          say(
            'Ce que le tir conserve du jour réel, et ce qu’il déforme',
            'What the run keeps of the real day, and what it bends',
          ),
          table({
            caption: say('Grand livre de fidélité', 'Fidelity ledger'),
            columns: [
              say('grandeur', 'quantity'),
              say('traitement', 'treatment'),
              say('remarque', 'note'),
            ],
            rows: result.fidelity.map((line) => [
              english(line.quantity),
              treatments[line.treatment],
              english(line.detail),
            ]),
          }),
        ),
  ].join('\n')
}

/** Who got in, who waited, who gave up, each with its share of the sessions. */
export function peopleSection(result: Result, words: PageLanguage): string {
  const { say, count, ms, share } = words
  const arms = armsRun(result)
  const columns = ['', ...arms.map(({ name }) => words.arm(name))]
  const line = (title: string, key: 'sessions' | 'admitted' | 'waited' | 'gaveUp' | 'returned') => [
    title,
    ...arms.map(({ arm: { people } }): Cell => {
      if (key === 'sessions' || people.sessions === 0) return count(people[key])
      const part = Math.min(1, people[key] / people.sessions)
      const meter = `<span class="meter" aria-hidden="true"><u style="width:${(part * 100).toFixed(1)}%"></u></span>`
      return { markup: `${count(people[key])} (${share(part)})${meter}` }
    }),
  ]
  return table({
    caption: say('Personnes, et non requêtes', 'People, not requests'),
    columns,
    rows: [
      line(say('sont venues', 'came'), 'sessions'),
      line(say('sont entrées', 'got in'), 'admitted'),
      line(say('ont fait la queue', 'waited in line'), 'waited'),
      [
        say('attente médiane dans la queue', 'median wait in line'),
        ...arms.map(({ arm }) => ms(arm.people.waitedMedianMs)),
      ],
      line(say('ont renoncé', 'gave up'), 'gaveUp'),
      line(say('sont revenues plus tard', 'came back later'), 'returned'),
    ],
  })
}

/** What became of each acknowledged write, and whether anybody saw another person's page. */
export function promisesSection(result: Result, words: PageLanguage): string {
  const { say, count, share, ms } = words
  const { writes, leaks } = result
  const saves = (result.arms.edge ?? result.arms.direct)?.saves
  const rows: Cell[][] = [
    [say('formulaires enregistrés, p95', 'forms saved, p95'), ms(saves?.p95Ms ?? null)],
    [say('écritures acquittées', 'writes acknowledged'), count(writes.acknowledged)],
    [say('appliquées', 'applied'), count(writes.applied)],
    [
      say('en lettres mortes, avec motif et auteur', 'in the dead letters, with reason and owner'),
      count(writes.deadLettered),
    ],
    [say('perdues', 'lost'), count(writes.lost)],
    [say('appliquées deux fois', 'applied twice'), count(writes.duplicated)],
    [say('appliquées sans acquittement', 'applied but never acknowledged'), count(writes.ghost)],
    [
      say('part perdue, borne haute à 95 %', 'share lost, 95 % upper bound'),
      share(writes.lostUpperBoundRatio),
    ],
    [say('réponses vérifiées', 'answers checked'), count(leaks.answersChecked)],
    [
      say('réponses portant les données d’autrui', 'answers carrying another person’s data'),
      count(leaks.foreignCanaries),
    ],
  ]
  const examples = [...writes.lostKeys, ...writes.duplicatedKeys]
  return [
    writes.audit === 'complete'
      ? ''
      : `<p>${say('Écritures non auditées :', 'Writes not audited:')} ${english(result.notMeasured['writes'] ?? '').markup}</p>`,
    table({
      caption: say(
        'Audit par clé contre le registre du portail',
        'Audit by key against the portal’s ledger',
      ),
      columns: ['', say('nombre', 'count')],
      rows,
    }),
    examples.length === 0
      ? ''
      : details(
          say('Clés en cause', 'Keys concerned'),
          `<pre>${examples.map(escapeMarkup).join('\n')}</pre>`,
        ),
  ].join('\n')
}

/** Whether the measuring instrument itself was fit, check by check. */
export function generatorSection(result: Result, words: PageLanguage): string {
  const { say, language } = words
  const rows = result.generator.checks.map((row): Cell[] => [
    checkNames[row.id][language],
    formatCheck(row, 'actual', language),
    `${row.id === 'delivered' ? '≥' : '≤'} ${formatCheck(row, 'limit', language)}`,
    holdsMark(row.holds, words),
  ])
  const reasons = result.invalidReasons.map(
    (reason) => `<li>${escapeMarkup(reason[language])}</li>`,
  )
  return [
    `<p>${
      result.valid
        ? say(
            'La charge demandée a bien été produite : le verdict porte sur le portail.',
            'The load asked for was delivered: the verdict is about the portal.',
          )
        : say(
            'La charge demandée n’a pas été produite : ce tir ne juge personne.',
            'The load asked for was not delivered: this run judges nobody.',
          )
    }</p>`,
    reasons.length === 0 ? '' : `<ul>${reasons.join('')}</ul>`,
    table({
      caption: say('Générateur de charge', 'Load generator'),
      columns: ['', say('mesuré', 'measured'), say('limite', 'limit'), ''],
      rows,
    }),
  ].join('\n')
}

/** Words the run wrote in English, marked so for screen readers on the French page. */
function english(text: string) {
  return { markup: `<span lang="en" class="note">${escapeMarkup(text)}</span>` }
}
