import { buildCharts } from './charts-client.ts'
import { buildControls } from './controls-client.ts'
import { byId, element, mark, write } from './elements-client.ts'
import { followFeed } from './feed-client.ts'
import { buildFigures, clearFigures } from './figures-client.ts'
import { buildSentence } from './sentence-client.ts'
import { emptyModel, hear } from './model.ts'
import { type Language, say, type Word } from './words.ts'

// What somebody chose stays for this browser; the token for this tab alone.
const choice = {
  read: (name: string): string | null => localStorage.getItem(`ecluse.${name}`),
  keep: (name: string, value: string): void => localStorage.setItem(`ecluse.${name}`, value),
}
const token = (): string | null => sessionStorage.getItem('ecluse.token')

const model = emptyModel()
let language: Language = (choice.read('language') ?? navigator.language).startsWith('en')
  ? 'en'
  : 'fr'
let minutes = 15
let builtFor = ''
let parts: {
  figures(): void
  controls(): void
  sentence(): void
  charts: ReturnType<typeof buildCharts>
} | null = null

/** Builds what depends on language, theme and what the feed is of; then everything only updates. */
function build(): void {
  parts?.charts.destroy()
  clearFigures()
  document.documentElement.lang = language
  for (const target of document.querySelectorAll('[data-text]')) {
    write(target, say(target.getAttribute('data-text') as Word, language))
  }
  const charts = model.kind === 'edge' ? 'charts' : 'chartsRehearsal'
  write(byId('charts-title'), say(charts, language))
  write(byId('kind'), say(model.kind === 'edge' ? 'kindEdge' : 'kindRehearsal', language))
  write(byId('language'), say('language', language))
  mark(byId('language'), 'lang', language === 'fr' ? 'en' : 'fr')
  write(byId('theme'), say(isDark() ? 'themeLight' : 'themeDark', language))
  buildWindows()
  parts = {
    figures: buildFigures(model, language),
    controls: buildControls(model, language, token),
    sentence: buildSentence(model, language),
    charts: buildCharts(model, language),
  }
}

function buildWindows(): void {
  const choices = ([5, 15, 60] as const).map((span) => {
    const button = element('button', { type: 'button' }, say(`window${span}`, language))
    mark(button, 'aria-pressed', String(span === minutes))
    button.addEventListener('click', () => {
      minutes = span
      buildWindows()
      parts?.charts.draw(minutes, Infinity)
    })
    return button
  })
  byId('windows').replaceChildren(...(model.kind === 'edge' ? choices : []))
}

function isDark(): boolean {
  const chosen = document.documentElement.dataset['theme']
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
}

/** Once for each batch of events, never more often than the screen can show. */
function show(): void {
  const key = `${language} ${model.kind} ${model.figures.length} ${isDark()}`
  if (key !== builtFor) {
    builtFor = key
    build()
  }
  document.body.classList.toggle('stale', model.connection === 'lost')
  parts?.sentence()
  parts?.figures()
  parts?.controls()
  parts?.charts.draw(minutes, Date.now())
  showTrail()
}

function showTrail(): void {
  byId('trail-section').hidden = model.notes.length === 0
  const trail = byId('trail')
  if (trail.childElementCount === model.notes.length && trail.lang === language) return
  trail.lang = language
  trail.replaceChildren(
    ...model.notes.toReversed().map(({ at, who, did }) => {
      const when = new Date(at).toLocaleString(language, {
        timeStyle: 'medium',
        dateStyle: 'short',
      })
      const time = element('time', { datetime: at }, when)
      return element('li', {}, time, element('b', {}, who), element('span', { lang: 'en' }, did))
    }),
  )
}

let isPending = false
function showSoon(): void {
  if (isPending) return
  isPending = true
  // A timer, not a frame: a hidden tab must still take in what comes.
  setTimeout(() => {
    isPending = false
    show()
  }, 50)
}

const feed = followFeed(token, {
  event: (event) => {
    hear(model, event)
    showSoon()
  },
  lost: () => {
    // A rehearsal that is over takes its server with it; nothing was lost.
    if (model.rehearsal?.verdict == null && model.newestAtMs > 0) model.connection = 'lost'
    showSoon()
  },
  refused: () => {
    sessionStorage.removeItem('ecluse.token')
    model.connection = 'sign-in'
    write(byId('result'), say('signInRefused', language))
    byId('act').hidden = false
    showSoon()
  },
})

byId('sign-in').addEventListener('submit', (submitted) => {
  submitted.preventDefault()
  const field = byId<HTMLInputElement>('token')
  sessionStorage.setItem('ecluse.token', field.value.trim())
  field.value = ''
  write(byId('result'), '')
  feed.retry()
})
byId('language').addEventListener('click', () => {
  language = language === 'fr' ? 'en' : 'fr'
  choice.keep('language', language)
  show()
})
byId('theme').addEventListener('click', () => {
  const theme = isDark() ? 'light' : 'dark'
  document.documentElement.dataset['theme'] = theme
  choice.keep('theme', theme)
  show()
})
const theme = choice.read('theme')
if (theme !== null) document.documentElement.dataset['theme'] = theme
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', show)
show()
