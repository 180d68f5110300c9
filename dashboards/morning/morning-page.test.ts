import { test } from 'tap'
import { type Morning, morningPage } from './morning-page.ts'

const figures: Morning['figures'] = {
  insideMost: 12_345,
  waitingMost: 4,
  served: 900_000,
  waits: 40_000,
  turnedAway: 9,
  failed: 60_000,
  absorbed: 5_000,
  oldestWriteSeconds: 125,
  deadLetters: null,
  p95Seconds: 0.84,
  portalUpRatio: 0.995,
}
const morning: Morning = {
  figures,
  fromText: '16 mars 2026, 07:00',
  toText: '16 mars 2026, 12:00',
  decisions: [{ at: '08:12', who: 'Ada <chef>', did: 'class forum closed (policy 2)' }],
  hasTrail: true,
}

test('the page says who entered, who waited, what was late and what was decided', async (t) => {
  const page = morningPage(morning)
  for (const text of [
    '12\u202f345',
    'Attente la plus longue de l’un d’eux</dt><dd>2\u00a0min\u00a05\u00a0s',
    '08:12, Ada &lt;chef>',
    'class forum closed',
    '6\u00a0% des demandes ont échoué',
    'Des personnes ont attendu',
  ]) {
    t.ok(page.includes(text), text)
  }
})

test('fewer than ten are not shown, nor a share that gives them away', async (t) => {
  const page = morningPage(morning)
  t.match(page, 'au plus fort</dt><dd>moins de 10</dd>')
  t.match(page, 'Demandes refusées</dt><dd>moins de 10 (part non montrée)</dd>')
  const none = morningPage({ ...morning, figures: { ...figures, turnedAway: 0 } })
  t.match(none, 'Demandes refusées</dt><dd>0 (0\u00a0%)</dd>', 'nobody is nobody')
})

test('what was not measured is a dash, and no trail is not no decision', async (t) => {
  const page = morningPage({ ...morning, decisions: [], hasTrail: false })
  t.match(page, 'à reprendre à la main</dt><dd>—</dd>')
  t.match(page, 'n’a pas été donné')
  const calm = morningPage({ ...morning, decisions: [] })
  t.match(calm, 'Aucun réglage n’a été changé')
  const empty = morningPage({ ...morning, figures: { ...figures, served: null } })
  t.match(empty, 'Aucune demande n’a été relevée')
})
