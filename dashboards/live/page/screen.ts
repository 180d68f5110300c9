import type { Unit } from './number-format.ts'
import type { Word } from './words.ts'

/** A big number and the sentence under it; gaps of the sentence are figures. */
export interface Tile {
  readonly title: Word
  readonly figure: string
  readonly unit: Unit
  readonly more: Word
  readonly gaps: Readonly<Record<string, { readonly figure: string; readonly unit: Unit }>>
  /** From these values on the number takes a colour (and the headline says why). */
  readonly watchFrom?: number
  readonly actFrom?: number
}

export interface Line {
  readonly figure: string
  readonly name: Word
  readonly colour: 'blue' | 'amber' | 'red' | 'green' | 'violet'
  readonly dash?: readonly number[]
}

export interface Chart {
  readonly title: Word
  readonly unit: Unit
  readonly lines: readonly Line[]
}

/** What the page shows of an edge: five questions and four curves. */
export const edgeTiles: readonly Tile[] = [
  {
    title: 'tileInside',
    figure: 'insideSessions',
    unit: 'count',
    more: 'tileInsideMore',
    gaps: {
      served: { figure: 'servedPerSecond', unit: 'perSecond' },
      stored: { figure: 'storedShareRatio', unit: 'ratio' },
    },
  },
  {
    title: 'tileWaiting',
    figure: 'waitingPeople',
    unit: 'count',
    more: 'tileWaitingMore',
    gaps: {},
    watchFrom: 1,
  },
  {
    title: 'tileTurnedAway',
    figure: 'turnedAwayPerSecond',
    unit: 'perSecond',
    more: 'tileTurnedAwayMore',
    gaps: {
      share: { figure: 'turnedAwayShareRatio', unit: 'ratio' },
      failed: { figure: 'failedPerSecond', unit: 'perSecond' },
    },
    watchFrom: 0.001,
  },
  {
    title: 'tileBacklog',
    figure: 'backlogWrites',
    unit: 'count',
    more: 'tileBacklogMore',
    gaps: { age: { figure: 'backlogAgeSeconds', unit: 'seconds' } },
  },
  {
    title: 'tilePortal',
    figure: 'portalP95Ms',
    unit: 'ms',
    more: 'tilePortalMore',
    gaps: {
      inFlight: { figure: 'inFlight', unit: 'count' },
      slots: { figure: 'slots', unit: 'count' },
    },
    watchFrom: 1_500,
    actFrom: 5_000,
  },
]

/** What it shows of a rehearsal, one number for each arm. */
export const rehearsalTiles: readonly Tile[] = [
  {
    title: 'tileServed',
    figure: 'inTimePerSecond',
    unit: 'perSecond',
    more: 'tileServedMore',
    gaps: {
      direct: { figure: 'direct:askedPerSecond', unit: 'perSecond' },
      edge: { figure: 'edge:askedPerSecond', unit: 'perSecond' },
    },
  },
  { title: 'tileP95', figure: 'p95Ms', unit: 'ms', more: 'tileP95More', gaps: {} },
  {
    title: 'tileAttempts',
    figure: 'attemptsPerSecond',
    unit: 'perSecond',
    more: 'tileAttemptsMore',
    gaps: {},
  },
  {
    title: 'tileRefused',
    figure: 'turnedAwayPerSecond',
    unit: 'perSecond',
    more: 'tileRefusedMore',
    gaps: {},
  },
  {
    title: 'tilePeople',
    figure: 'insideSessions',
    unit: 'count',
    more: 'tilePeopleMore',
    gaps: { waiting: { figure: 'edge:waitingPeople', unit: 'count' } },
  },
]

export const hurts: readonly { readonly title: Word; readonly figure: string }[] = [
  { title: 'hurtQueue', figure: 'queueP95Ms' },
  { title: 'hurtEdge', figure: 'edgeP95Ms' },
  { title: 'hurtRedis', figure: 'redisP95Ms' },
  { title: 'hurtPortal', figure: 'portalP95Ms' },
  { title: 'hurtIdentity', figure: 'identityP95Ms' },
]

export const edgeCharts: readonly Chart[] = [
  {
    title: 'chartAnswers',
    unit: 'perSecond',
    lines: [
      { figure: 'servedPerSecond', name: 'keyServed', colour: 'blue' },
      { figure: 'waitAnswersPerSecond', name: 'keyWait', colour: 'amber', dash: [6, 4] },
      { figure: 'turnedAwayPerSecond', name: 'keyTurnedAway', colour: 'violet', dash: [2, 3] },
      { figure: 'failedPerSecond', name: 'keyFailed', colour: 'red' },
    ],
  },
  {
    title: 'chartTimes',
    unit: 'ms',
    lines: [
      { figure: 'p95Ms', name: 'keyPages', colour: 'blue' },
      { figure: 'portalP95Ms', name: 'keyPortal', colour: 'amber', dash: [6, 4] },
    ],
  },
  {
    title: 'chartPeople',
    unit: 'count',
    lines: [
      { figure: 'insideSessions', name: 'keyInside', colour: 'blue' },
      { figure: 'waitingPeople', name: 'keyWaiting', colour: 'amber', dash: [6, 4] },
    ],
  },
  {
    title: 'chartBacklog',
    unit: 'count',
    lines: [{ figure: 'backlogWrites', name: 'keyWrites', colour: 'green' }],
  },
]

/** Both arms on one axis: seconds since the arm began. */
export const rehearsalCharts: readonly Chart[] = [
  {
    title: 'chartPages',
    unit: 'perSecond',
    lines: [
      { figure: 'direct:inTimePerSecond', name: 'direct', colour: 'red', dash: [6, 4] },
      { figure: 'edge:inTimePerSecond', name: 'edge', colour: 'blue' },
      { figure: 'edge:askedPerSecond', name: 'keyAsked', colour: 'violet', dash: [2, 3] },
    ],
  },
  {
    title: 'chartTimes',
    unit: 'ms',
    lines: [
      { figure: 'direct:p95Ms', name: 'direct', colour: 'red', dash: [6, 4] },
      { figure: 'edge:p95Ms', name: 'edge', colour: 'blue' },
    ],
  },
  {
    title: 'chartAttempts',
    unit: 'perSecond',
    lines: [
      { figure: 'direct:attemptsPerSecond', name: 'direct', colour: 'red', dash: [6, 4] },
      { figure: 'edge:attemptsPerSecond', name: 'edge', colour: 'blue' },
    ],
  },
  {
    title: 'chartPeople',
    unit: 'count',
    lines: [
      { figure: 'direct:insideSessions', name: 'direct', colour: 'red', dash: [6, 4] },
      { figure: 'edge:insideSessions', name: 'edge', colour: 'blue' },
    ],
  },
]

/** How much of its colour a number has earned. */
export function levelOf(value: number | null, tile: Pick<Tile, 'watchFrom' | 'actFrom'>): string {
  if (value === null) return 'calm'
  if (tile.actFrom !== undefined && value >= tile.actFrom) return 'act'
  return tile.watchFrom !== undefined && value >= tile.watchFrom ? 'watch' : 'calm'
}

/**
 * Width of a bar for a time in ms, 0 to 1, on a logarithmic scale from 1 ms to 10 s: a line of
 * 2 ms and a portal of 2 s are both seen.
 */
export function barWidth(ms: number | null): number {
  if (ms === null || ms <= 1) return ms === null ? 0 : 0.01
  return Math.min(1, Math.log10(ms) / 4)
}
