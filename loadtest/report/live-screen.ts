import { formatCount, formatMs } from './number-format.ts'
import { fit, type Palette, progressBar, sparkline, type Tint, tint } from './terminal-text.ts'

/** One moment of a run; rates are of the last second, `p95Ms` of the last ten. */
export interface LiveState {
  readonly arm: string
  readonly phase: string
  readonly clock: string
  readonly elapsedMs: number
  readonly totalMs: number
  readonly offeredPerSecond: number
  readonly servedPerSecond: number
  readonly latePerSecond: number
  readonly refusedPerSecond: number
  readonly concurrent: number
  readonly p95Ms: number | null
  /** Earlier values of `p95Ms`, oldest first. */
  readonly p95HistoryMs: readonly number[]
  /** Writes that wait in the queue, or null where there is none. */
  readonly backlog: number | null
  readonly generator: 'ok' | 'strained' | 'failing'
}

const lights: Readonly<Record<LiveState['generator'], { text: string; tint: Tint }>> = {
  ok: { text: '● generator ok', tint: 'good' },
  strained: { text: '◐ generator strained', tint: 'warn' },
  failing: { text: '○ generator failing: this run will be INVALID', tint: 'bad' },
}

/** The one live screen of a terminal: always the same lines, so that it can be redrawn in place. */
export function liveScreen(
  state: LiveState,
  screen: { readonly columns: number; readonly palette: Palette },
): readonly string[] {
  const { palette } = screen
  const columns = Math.min(100, screen.columns)
  const light = lights[state.generator]
  const title = `${state.arm} · ${state.phase} · ${state.clock}`
  const time = `${seconds(state.elapsedMs)} of ${seconds(state.totalMs)}`
  const bar = progressBar(
    state.elapsedMs / Math.max(1, state.totalMs),
    Math.max(10, columns - time.length - 2),
  )
  const row = (name: string, text: string): string => fit(`  ${name.padEnd(11)}${text}`, columns)
  return [
    tint(fit(title, columns), 'bold', palette),
    fit(`${bar}  ${time}`, columns),
    row(
      'pages/s',
      `asked ${figure(state.offeredPerSecond)}   served ${figure(state.servedPerSecond)}   late ${figure(state.latePerSecond)}   refused ${figure(state.refusedPerSecond)}`,
    ),
    row(
      'p95',
      `${formatMs(state.p95Ms, 'en').padStart(7)}   ${sparkline(state.p95HistoryMs, Math.max(0, columns - 24))}`,
    ),
    row(
      'people',
      `${figure(state.concurrent)} inside${state.backlog === null ? '' : `   ${figure(state.backlog)} writes in the backlog`}`,
    ),
    tint(fit(`  ${light.text}`, columns), light.tint, palette),
  ]
}

/** The same in one line, for logs; meant for every 10 s. */
export function liveLine(state: LiveState): string {
  const backlog = state.backlog === null ? '' : ` backlog=${state.backlog}`
  return (
    `${seconds(state.elapsedMs)} ${state.arm} ${state.phase} ${state.clock}` +
    ` asked=${Math.round(state.offeredPerSecond)}/s served=${Math.round(state.servedPerSecond)}/s` +
    ` late=${Math.round(state.latePerSecond)}/s refused=${Math.round(state.refusedPerSecond)}/s` +
    ` p95=${formatMs(state.p95Ms, 'en').replaceAll('\u00a0', '')} inside=${state.concurrent}${backlog}` +
    ` generator=${state.generator}`
  )
}

function figure(value: number): string {
  return formatCount(Math.round(value), 'en').padStart(6)
}

function seconds(ms: number): string {
  return `${Math.floor(ms / 1000)} s`
}
