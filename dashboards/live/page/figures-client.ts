import { byId, element, mark, write } from './elements-client.ts'
import { figureOf, type Model } from './model.ts'
import { formatFigure, type Unit } from './number-format.ts'
import { barWidth, edgeTiles, hurts, levelOf, rehearsalTiles, type Tile } from './screen.ts'
import { type Language, say, type Word } from './words.ts'

/** The tiles, the bars and the table: built when the language or the kind changes, then updated. */
export function buildFigures(model: Model, language: Language): () => void {
  const tiles = model.kind === 'edge' ? edgeTiles : rehearsalTiles
  const arms = [...model.arms.keys()]
  document.body.classList.toggle('two', model.kind === 'rehearsal')
  const updates = [
    ...tiles.map((tile) => addTile(tile, model, language)),
    ...hurts.map(({ title, figure }) => addHurt({ title, figure }, model, language)),
    addTable(model, arms, language),
  ]
  return () => {
    for (const update of updates) update()
    byId('hurts-section').hidden = !model.figures.includes('queueP95Ms')
    write(byId('probes'), probeText(model, language))
  }
}

/** Empties what `buildFigures` fills. */
export function clearFigures(): void {
  for (const id of ['tiles', 'hurts', 'numbers-head', 'numbers-body']) byId(id).replaceChildren()
}

function addTile(tile: Tile, model: Model, language: Language): () => void {
  const isTwo = model.kind === 'rehearsal'
  const arms = isTwo ? [...model.arms.keys()] : ['']
  const numbers = arms.map((arm) => {
    const value = element('dd', {
      'data-figure': arm === '' ? tile.figure : `${arm}:${tile.figure}`,
    })
    const name = element('dt', isTwo ? {} : { class: 'hidden' }, armName(arm, tile.title, language))
    return { arm, value, group: element('div', isTwo ? { class: `arm-${arm}` } : {}, name, value) }
  })
  const more = element('p')
  const box = element(
    'li',
    { class: 'tile' },
    element('h3', {}, say(tile.title, language)),
    element('dl', {}, ...numbers.map(({ group }) => group)),
    more,
  )
  byId('tiles').append(box)
  return () => {
    for (const { arm, value } of numbers) {
      const figure = figureOf(model, arm === '' ? tile.figure : `${arm}:${tile.figure}`)
      writeNumber(value, formatFigure(figure, tile.unit, language), tile.unit)
      mark(value, 'data-value', String(figure))
      if (!isTwo) mark(box, 'data-level', levelOf(figure, tile))
    }
    const gaps = Object.entries(tile.gaps).map(([name, { figure, unit }]) => [
      name,
      formatFigure(figureOf(model, figure), unit, language),
    ])
    write(more, say(tile.more, language, Object.fromEntries(gaps)))
  }
}

/** The number large, what it is counted in small. */
function writeNumber(target: HTMLElement, text: string, unit: Unit): void {
  const shown = unit === 'perSecond' && text !== '—' ? `${text}\u00a0/s` : text
  if (target.dataset['shown'] === shown) return
  target.dataset['shown'] = shown
  const [, number = shown, small = ''] = /^(.*?)(\u00a0[^\d]+)?$/.exec(shown) ?? []
  target.replaceChildren(number, element('small', {}, small))
}

function armName(arm: string, title: Word, language: Language): string {
  if (arm === 'direct' || arm === 'edge') return say(arm, language)
  return say(title, language)
}

function addHurt(
  hurt: { readonly title: Word; readonly figure: string },
  model: Model,
  language: Language,
): () => void {
  const value = element('b')
  const bar = element('i')
  const row = element(
    'li',
    {},
    element('span', {}, say(hurt.title, language)),
    value,
    element('span', { class: 'bar', 'aria-hidden': 'true' }, bar),
  )
  byId('hurts').append(row)
  const arm = model.kind === 'rehearsal' ? 'edge:' : ''
  return () => {
    const ms = figureOf(model, `${arm}${hurt.figure}`)
    write(value, formatFigure(ms, 'ms', language))
    bar.style.width = `${barWidth(ms) * 100}%`
    mark(row, 'data-level', levelOf(ms, { watchFrom: 1_500, actFrom: 5_000 }))
  }
}

function probeText(model: Model, language: Language): string {
  const arm = model.kind === 'rehearsal' ? 'edge:' : ''
  const through = figureOf(model, `${arm}throughGoodRatio`)
  const around = figureOf(model, `${arm}aroundGoodRatio`)
  if (through === null || around === null) return ''
  const word = (ratio: number): string => say(ratio === 1 ? 'good' : 'bad', language)
  return say('probeBoth', language, { through: word(through), around: word(around) })
}

function addTable(model: Model, arms: readonly string[], language: Language): () => void {
  const heads = arms.map((arm) => element('th', { scope: 'col' }, armName(arm, 'figure', language)))
  byId('numbers-head').append(
    element('tr', {}, element('th', { scope: 'col' }, say('figure', language)), ...heads),
  )
  const rows = model.figures.map((figure) => {
    const cells = arms.map(() => element('td'))
    byId('numbers-body').append(
      element('tr', {}, element('th', { scope: 'row', lang: 'en' }, figure), ...cells),
    )
    return { figure, cells }
  })
  return () => {
    if (!byId<HTMLDetailsElement>('numbers').open) return
    for (const { figure, cells } of rows) {
      cells.forEach((cell, i) => {
        const value = figureOf(model, `${arms[i]}:${figure}`)
        write(cell, formatFigure(value, unitOf(figure), language))
      })
    }
  }
}

function unitOf(figure: string): Unit {
  if (figure.endsWith('Ms')) return 'ms'
  if (figure.endsWith('Seconds')) return 'seconds'
  if (figure.endsWith('Ratio')) return 'ratio'
  return figure.endsWith('PerSecond') ? 'perSecond' : 'count'
}
