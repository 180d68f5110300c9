/** A bound that an issue or a document asks for; ids are stable, see docs/benchmarks.md. */
export interface Mark {
  readonly id: string
  readonly unit: string
  readonly atLeast?: number
  readonly atMost?: number
  /** What would be better still; missing it fails nothing. */
  readonly aim?: number
}

/** One measured value; null when its run was no measurement. */
export interface Figure {
  readonly id: string
  readonly value: number | null
  /** The same of others, measured in turns with ours. */
  readonly peers?: Readonly<Record<string, number>>
}

export interface BenchOptions {
  /** A few minutes at most, with wider error bars. */
  readonly isShort: boolean
  /** Rows to measure; all when empty. */
  readonly only: readonly string[]
  /** Says what is going on, to whoever waits. */
  say(line: string): void
}

/** One benchmark: what it promises, and how it measures. */
export interface Bench {
  readonly rows: readonly string[]
  readonly marks: readonly Mark[]
  run(options: BenchOptions): Promise<BenchOutcome>
}

export interface BenchOutcome {
  /** The table for people. */
  readonly lines: readonly string[]
  readonly figures: readonly Figure[]
}

/** A figure beside its mark; `holds` is null when there is no mark or no measurement. */
export interface JudgedFigure extends Figure {
  readonly unit: string
  readonly mark: string | null
  readonly holds: boolean | null
}

export interface Judgement {
  readonly figures: readonly JudgedFigure[]
  /** Marks that nothing was measured for. */
  readonly missing: readonly string[]
}

/** Holds figures against the committed marks; a figure that is no mark is refused. */
export function judgeFigures(marks: readonly Mark[], figures: readonly Figure[]): Judgement {
  const byId = new Map(marks.map((mark) => [mark.id, mark]))
  const judged = figures.map((figure) => {
    const mark = byId.get(figure.id)
    if (mark === undefined) throw new Error(`figure "${figure.id}" is not in the list of marks`)
    const text = markText(mark)
    const holds = figure.value === null || text === null ? null : isHeld(mark, figure.value)
    return { ...figure, unit: mark.unit, mark: text, holds }
  })
  const seen = new Set(figures.map(({ id }) => id))
  return { figures: judged, missing: marks.map(({ id }) => id).filter((id) => !seen.has(id)) }
}

/** The bound in words, or null when there is none. */
export function markText({ atLeast, atMost, aim }: Mark): string | null {
  const bounds = [
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
    ...(aim === undefined ? [] : [`aim ${aim}`]),
  ]
  return bounds.length === 0 ? null : bounds.join(', ')
}

function isHeld({ atLeast, atMost }: Mark, value: number): boolean {
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost)
}
