import {
  chartHeight,
  chartWidth,
  columnsPath,
  linearScale,
  linePath,
  logScale,
  niceCeiling,
  type Scale,
} from './chart.ts'
import { details, escapeMarkup, table } from './html-markup.ts'
import { armsRun, type PageLanguage } from './page-language.ts'
import type { ArmName, ArmResult, PhaseResult, Result } from './result.ts'
import { timelineBins, type TimelineBin } from './timeline-bins.ts'

interface Lane {
  readonly name: ArmName
  readonly arm: ArmResult
  readonly bins: readonly TimelineBin[]
}

/** What the charts share: the same time axis, and the same scale for both arms. */
interface Frame {
  readonly lanes: readonly Lane[]
  readonly totalMs: number
  readonly phases: readonly PhaseResult[]
  readonly words: PageLanguage
}

/** Both arms over the run: pages, response time, people inside, writes in wait; a table behind. */
export function timelineSection(result: Result, words: PageLanguage): string {
  const lanes = armsRun(result).map(({ name, arm }) => ({
    name,
    arm,
    bins: timelineBins(arm.timeline),
  }))
  const phases = lanes[0]?.arm.phases ?? []
  const ends = lanes.flatMap(({ bins }) => bins.map((bin) => bin.atMs + bin.seconds * 1000))
  const frame = { lanes, phases, words, totalMs: Math.max(1, ...ends) }
  const pagesMax = niceCeiling(
    Math.max(...lanes.flatMap(({ bins }) => bins.map((bin) => bin.intendedPerSecond)), 1),
  )
  return [
    ...lanes.map((lane) => pagesFigure(lane, pagesMax, frame)),
    responseFigure(frame, result.pageDeadlineMs),
    countFigure(frame, words.say('Personnes connectées', 'People inside'), (bin) => bin.concurrent),
    countFigure(
      frame,
      words.say('Écritures en attente', 'Writes in the backlog'),
      (bin) => bin.backlog,
    ),
    ...lanes.map((lane) => binTable(lane, words)),
  ].join('\n')
}

function pagesFigure(lane: Lane, max: number, frame: Frame): string {
  const { say, arm } = frame.words
  const scale = linearScale(max)
  const stacked = (low: (bin: TimelineBin) => number, high: (bin: TimelineBin) => number): string =>
    columnsPath(
      lane.bins.map((bin) => ({ ...spanOf(bin, frame), low: low(bin), high: high(bin) })),
      scale,
    )
  const inTime = stacked(
    () => 0,
    (bin) => bin.inSloPerSecond,
  )
  const late = stacked(
    (bin) => bin.inSloPerSecond,
    (bin) => bin.inSloPerSecond + bin.latePerSecond,
  )
  const lost = stacked(
    (bin) => bin.inSloPerSecond + bin.latePerSecond,
    (bin) => bin.inSloPerSecond + bin.latePerSecond + bin.lostPerSecond,
  )
  const keys = [
    ['', '--in-time', say('dans les délais', 'in time')],
    ['', '--late', say('tardives', 'late')],
    ['', '--lost', say('perdues', 'lost')],
  ] as const
  return figure({
    title: say(
      `${arm(lane.name)} : pages demandées par seconde`,
      `${arm(lane.name)}: pages asked for per second`,
    ),
    keys,
    drawing: `<path fill="var(--in-time)" d="${inTime}"/><path fill="var(--late)" d="${late}"/><path fill="var(--lost)" d="${lost}"/>`,
    ticks: [max, max / 2].map((value) => ({ value, text: frame.words.count(value) })),
    scale,
    frame,
    kind: 'plot',
  })
}

function responseFigure(frame: Frame, pageDeadlineMs: number): string {
  const { say, ms } = frame.words
  const scale = logScale(50, 60_000)
  const deadline = `<path class="limit" stroke="var(--soft)" stroke-width="1" stroke-dasharray="2 4" fill="none" vector-effect="non-scaling-stroke" d="M0 ${scale(pageDeadlineMs)}H${chartWidth}"/>`
  return figure({
    title: say(
      '95 pages sur 100 arrivent avant (échelle logarithmique)',
      '95 pages in 100 arrive before (logarithmic scale)',
    ),
    keys: lineKeys(frame),
    drawing: deadline + lines(frame, scale, (bin) => bin.p95Ms),
    ticks: [100, 1000, 10_000, pageDeadlineMs].map((value) => ({
      value,
      text:
        value === pageDeadlineMs
          ? `${ms(value)} ${say('délai d’une page', 'page deadline')}`
          : ms(value),
    })),
    scale,
    frame,
    kind: 'plot',
  })
}

/** Absent when there is nothing to see: never measured, or nothing but zeros. */
function countFigure(
  frame: Frame,
  title: string,
  pick: (bin: TimelineBin) => number | null,
): string {
  const highest = Math.max(
    0,
    ...frame.lanes.flatMap(({ bins }) => bins.map((bin) => pick(bin) ?? 0)),
  )
  if (highest === 0) return ''
  const max = niceCeiling(highest)
  const scale = linearScale(max)
  return figure({
    title,
    keys: lineKeys(frame),
    drawing: lines(frame, scale, pick),
    ticks: [max, max / 2].map((value) => ({ value, text: frame.words.count(value) })),
    scale,
    frame,
    kind: 'plot low',
  })
}

function lines(frame: Frame, scale: Scale, pick: (bin: TimelineBin) => number | null): string {
  return frame.lanes
    .map(({ name, bins }) => {
      const points = bins.map((bin) => {
        const { fromX, toX } = spanOf(bin, frame)
        return { x: (fromX + toX) / 2, value: pick(bin) }
      })
      const dash = name === 'direct' ? ' stroke-dasharray="6 3"' : ''
      return `<path fill="none" stroke="var(--${name})" stroke-width="2" stroke-linejoin="round"${dash} vector-effect="non-scaling-stroke" d="${linePath(points, scale)}"/>`
    })
    .join('')
}

function lineKeys(frame: Frame) {
  return frame.lanes.map(
    ({ name }) =>
      [name === 'direct' ? 'line dashed' : 'line', `--${name}`, frame.words.arm(name)] as const,
  )
}

function figure(facts: {
  readonly title: string
  readonly keys: readonly (readonly [kind: string, tint: string, text: string])[]
  readonly drawing: string
  readonly ticks: readonly { readonly value: number; readonly text: string }[]
  readonly scale: Scale
  readonly frame: Frame
  readonly kind: 'plot' | 'plot low'
}): string {
  const { frame, scale } = facts
  const keys = facts.keys.map(
    ([kind, tint, text]) =>
      `<span class="${kind}" style="--tint:var(${tint})">${escapeMarkup(text)}</span>`,
  )
  const title = escapeMarkup(facts.title)
  const grid = facts.ticks.map(({ value }) => `M0 ${scale(value)}H${chartWidth}`).join('')
  const labels = facts.ticks.map(({ value, text }) => {
    // The highest line is the box's own edge: its label goes just below it.
    const top = Math.max(9, scale(value))
    return `<i aria-hidden="true" style="top:${top}%">${escapeMarkup(text)}</i>`
  })
  return `<figure><figcaption><b>${title}</b><span class="key">${keys.join('')}</span></figcaption>
<div class="${facts.kind}"><svg viewBox="0 0 ${chartWidth} ${chartHeight}" preserveAspectRatio="none" role="img" aria-label="${title}">${bands(frame)}${facts.drawing}<path stroke="var(--ink)" stroke-opacity=".13" stroke-width="1" vector-effect="non-scaling-stroke" d="${grid}"/></svg>${labels.join('')}</div>
${axis(frame)}</figure>`
}

function bands({ phases, totalMs }: Frame): string {
  return phases
    .filter((_, index) => index % 2 === 1)
    .map(({ fromMs, toMs }) => {
      const left = (fromMs / totalMs) * chartWidth
      const width = ((toMs - fromMs) / totalMs) * chartWidth
      return `<rect x="${left.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="${chartHeight}" fill="var(--band)"/>`
    })
    .join('')
}

/** The phases' names and clock times; a phase too narrow for its name goes unnamed here. */
function axis({ phases, totalMs, words }: Frame): string {
  const spans = phases
    .filter(({ fromMs, toMs }) => (toMs - fromMs) / totalMs >= 0.1)
    .map(({ name, fromMs, toMs, fromClock, toClock }) => {
      const left = ((fromMs / totalMs) * 100).toFixed(2)
      const width = (((toMs - fromMs) / totalMs) * 100).toFixed(2)
      return `<span style="left:${left}%;width:${width}%"><b>${escapeMarkup(words.phase(name))}</b>${fromClock}–${toClock}</span>`
    })
  return `<div class="axis" aria-hidden="true">${spans.join('')}</div>`
}

function spanOf(bin: TimelineBin, { totalMs }: Frame): { fromX: number; toX: number } {
  return { fromX: bin.atMs / totalMs, toX: (bin.atMs + bin.seconds * 1000) / totalMs }
}

function binTable(lane: Lane, words: PageLanguage): string {
  const { say, count, ms, arm } = words
  const title = say(
    `${arm(lane.name)} : la chronologie en chiffres`,
    `${arm(lane.name)}: the timeline in figures`,
  )
  const rows = lane.bins.map((bin) => [
    bin.clock,
    count(bin.intendedPerSecond),
    count(bin.inSloPerSecond),
    count(bin.latePerSecond),
    count(bin.lostPerSecond),
    ms(bin.p95Ms),
    count(bin.concurrent),
    count(bin.backlog),
  ])
  const columns = [
    say('heure', 'clock'),
    say('demandées/s', 'asked/s'),
    say('dans les délais/s', 'in time/s'),
    say('tardives/s', 'late/s'),
    say('perdues/s', 'lost/s'),
    'p95',
    say('personnes', 'people'),
    say('en attente', 'backlog'),
  ]
  return details(title, table({ caption: title, columns, rows }))
}
