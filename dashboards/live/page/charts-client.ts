import uPlot from 'uplot'
import { byId, element, mark, write } from './elements-client.ts'
import { figureOf, type Model } from './model.ts'
import { formatFigure } from './number-format.ts'
import { type Chart, edgeCharts, type Line, rehearsalCharts } from './screen.ts'
import { sinceStart } from './series.ts'
import { type Language, say } from './words.ts'

/** Charts are drawn this often at most: a wall screen need not be warm. */
const drawEveryMs = 1_000

/** The four curves; `draw` with what the model holds, for the last `minutes`. */
export function buildCharts(model: Model, language: Language) {
  const charts = model.kind === 'edge' ? edgeCharts : rehearsalCharts
  const place = byId('charts')
  place.replaceChildren()
  const built = charts.map((chart) => addChart(chart, model, language))
  const resizing = new ResizeObserver(() => built.forEach(({ fit }) => fit()))
  resizing.observe(place)
  let drawnAtMs = 0
  return {
    draw(minutes: number, nowMs: number): void {
      if (nowMs - drawnAtMs < drawEveryMs || document.hidden) return
      drawnAtMs = nowMs
      for (const { update } of built) update(minutes)
    },
    destroy(): void {
      resizing.disconnect()
      for (const { plot } of built) plot.destroy()
    },
  }
}

function addChart(chart: Chart, model: Model, language: Language) {
  const keys = chart.lines.map((line) => keyOf(line, language))
  const plotBox = element('div', { class: 'plot', role: 'img' })
  const title = say(chart.title, language)
  const caption = element(
    'figcaption',
    {},
    element('b', {}, title),
    element('span', { class: 'key' }, ...keys.map(({ item }) => item)),
  )
  byId('charts').append(element('figure', { class: 'card' }, caption, plotBox))
  const size = () => ({ width: plotBox.clientWidth, height: plotBox.clientHeight })
  const plot = new uPlot(optionsOf(chart, { model, language }, size()), emptyData(chart), plotBox)
  const update = (minutes: number): void => {
    plot.setData(dataOf(chart, model, minutes))
    const values = chart.lines.map(({ figure }) =>
      formatFigure(figureOf(model, figure), chart.unit, language),
    )
    keys.forEach(({ value }, i) => write(value, ` ${values[i]}`))
    const spoken = chart.lines.map(({ name }, i) => `${say(name, language)} ${values[i]}`)
    mark(plotBox, 'aria-label', `${title} : ${spoken.join(', ')}`)
  }
  mark(plotBox, 'aria-label', title)
  return { plot, update, fit: () => plot.setSize(size()) }
}

function keyOf(line: Line, language: Language) {
  const value = element('b')
  const item = element('span', {}, say(line.name, language), value)
  item.style.setProperty('--tint', `var(--${line.colour})`)
  if (line.dash) item.style.setProperty('--dash', 'dashed')
  return { item, value }
}

function optionsOf(
  chart: Chart,
  { model, language }: { readonly model: Model; readonly language: Language },
  size: { readonly width: number; readonly height: number },
): uPlot.Options {
  const colour = (name: string): string => getComputedStyle(probe(name)).color
  const axis = {
    stroke: colour('soft'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  }
  const isEdge = model.kind === 'edge'
  const elapsed = (_: uPlot, seconds: number[]): string[] =>
    seconds.map((at) => `${Math.floor(at / 60)}:${String(at % 60).padStart(2, '0')}`)
  const clock: uPlot.Axis.DynamicValues = (...[, seconds, , , stepSeconds]) =>
    seconds.map((at) =>
      new Date(at * 1_000).toLocaleTimeString(language, {
        hour: '2-digit',
        minute: '2-digit',
        ...(stepSeconds < 60 ? { second: '2-digit' as const } : {}),
      }),
    )
  return {
    ...size,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    padding: [8, 8, 0, 0],
    scales: {
      x: { time: isEdge },
      y: { range: (_, __, max) => [0, Math.max(chart.unit === 'ms' ? 10 : 1, (max ?? 0) * 1.1)] },
    },
    axes: [
      { ...axis, space: 90, size: 28, values: isEdge ? clock : elapsed },
      {
        ...axis,
        size: 66,
        space: 34,
        ...(chart.unit === 'count' ? { incrs: wholeSteps } : {}),
        values: (_, ticks) => ticks.map((tick) => formatFigure(tick, chart.unit, language)),
      },
    ],
    series: [
      {},
      ...chart.lines.map((line) => ({
        stroke: colour(line.colour),
        width: 2,
        points: { show: false },
        ...(line.dash ? { dash: [...line.dash] } : {}),
      })),
    ],
  }
}

// Half a person is nobody.
const wholeSteps = [1, 1e3, 1e6].flatMap((k) =>
  [1, 2, 5, 10, 20, 50, 100, 200, 500].map((n) => n * k),
)

/** Canvas knows no custom properties: an element that wears the colour is asked. */
function probe(name: string): Element {
  const worn = byId('kind')
  worn.style.color = `var(--${name})`
  queueMicrotask(() => worn.style.removeProperty('color'))
  return worn
}

function dataOf(chart: Chart, model: Model, minutes: number): uPlot.AlignedData {
  if (model.kind === 'rehearsal') {
    const wanted = chart.lines.map((line) => {
      const [arm = '', figure = ''] = line.figure.split(':')
      return { arm, figure }
    })
    const { seconds, lines } = sinceStart(model.arms, wanted)
    return [seconds, ...lines]
  }
  const [columns] = model.arms.values()
  if (columns === undefined) return emptyData(chart)
  const from = columns.atSeconds.findIndex((at) => at >= model.newestAtMs / 1_000 - minutes * 60)
  const cut = Math.max(0, from)
  return [
    columns.atSeconds.slice(cut),
    ...chart.lines.map(({ figure }) => columns.values[figure]?.slice(cut) ?? []),
  ]
}

function emptyData(chart: Chart): uPlot.AlignedData {
  return [[], ...chart.lines.map(() => [])]
}
