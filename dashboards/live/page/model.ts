import type { StreamEvent } from './event-stream.ts'
import { addRow, type Columns, emptyColumns, newest, secondsPlayed, valueAfter } from './series.ts'

/** What an edge has in force; absent of a rehearsal. */
export interface EdgeState {
  readonly version: number
  readonly isBypassed: boolean
  readonly mayRevert: boolean
  readonly stages: Readonly<Record<string, 'enforce' | 'off'>>
  readonly classes: readonly { readonly name: string; readonly isClosed: boolean }[]
  readonly waitingRoom: { readonly maxInside: number }
  readonly health: { readonly state: string; readonly degraded: readonly string[] }
}

/** Where a rehearsal is; `verdict` and `folder` when it is over. */
export interface RehearsalState {
  readonly arm: string
  readonly phase: string
  readonly clock: string
  readonly elapsedMs: number
  readonly totalMs: number
  readonly verdict: string | null
  readonly folder: string | null
}

export interface Note {
  readonly at: string
  readonly who: string
  readonly did: string
}

/** Everything the page knows: what the feed has said so far. */
export interface Model {
  connection: 'opening' | 'open' | 'lost' | 'sign-in'
  kind: 'edge' | 'rehearsal'
  figures: readonly string[]
  you: { readonly name: string | null; readonly may: 'view' | 'act' }
  readonly arms: Map<string, Columns>
  edge: EdgeState | null
  rehearsal: RehearsalState | null
  notes: readonly Note[]
  /** Instant of the newest row of any arm, ms since the epoch; 0 before the first. */
  newestAtMs: number
}

const notesMax = 100

/** A page that has not heard anything yet. */
export function emptyModel(): Model {
  return {
    connection: 'opening',
    kind: 'edge',
    figures: [],
    you: { name: null, may: 'view' },
    arms: new Map(),
    edge: null,
    rehearsal: null,
    notes: [],
    newestAtMs: 0,
  }
}

/** Takes one event of the feed in. Events of a later version of the feed are left aside. */
export function hear(model: Model, { name, data }: StreamEvent): void {
  switch (name) {
    case 'hello': {
      const hello = data as Pick<Model, 'kind' | 'figures' | 'you'> & { arms: readonly string[] }
      Object.assign(model, { kind: hello.kind, figures: hello.figures, you: hello.you, notes: [] })
      model.arms.clear()
      for (const arm of hello.arms) model.arms.set(arm, emptyColumns(hello.figures))
      return
    }
    case 'past': {
      const { arm, rows } = data as { arm: string; rows: readonly (number | null)[][] }
      for (const row of rows) take(model, arm, row)
      return
    }
    case 'row': {
      const { arm, row } = data as { arm: string; row: readonly (number | null)[] }
      model.connection = 'open'
      return take(model, arm, row)
    }
    case 'state':
      if (model.kind === 'edge') model.edge = isEmpty(data) ? null : (data as EdgeState)
      else model.rehearsal = isEmpty(data) ? null : (data as RehearsalState)
      return
    case 'notes':
      model.notes = [...model.notes, ...(data as readonly Note[])].slice(-notesMax)
  }
}

/**
 * The value of `figure` or `arm:figure` to show now: the newest, and of an arm of a rehearsal that
 * is over the one of the same second. Probes come every few seconds only.
 */
export function figureOf(model: Model, name: string): number | null {
  const [arm = '', figure = ''] = name.includes(':')
    ? name.split(':')
    : [model.arms.keys().next().value, name]
  const columns = model.arms.get(arm)
  const playing =
    model.rehearsal?.verdict === null ? model.arms.get(model.rehearsal.arm) : undefined
  if (columns && playing && playing !== columns && playing.atSeconds.length > 0) {
    return valueAfter(columns, figure, secondsPlayed(playing))
  }
  return newest(columns, figure, figure.endsWith('GoodRatio') ? 15 : 1)
}

function take(model: Model, arm: string, row: readonly (number | null)[]): void {
  const columns = model.arms.get(arm)
  if (columns === undefined) return
  addRow(columns, model.figures, row)
  model.newestAtMs = Math.max(model.newestAtMs, row[0] ?? 0)
}

function isEmpty(data: unknown): boolean {
  return Object.keys(data as object).length === 0
}
