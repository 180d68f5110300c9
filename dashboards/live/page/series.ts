/** Rows of one arm by column, as charts want them: instants in seconds, then each figure. */
export interface Columns {
  readonly atSeconds: number[]
  readonly values: Readonly<Record<string, (number | null)[]>>
}

/** A little more than the hour the feed keeps, so that trimming is rare. */
const rowsMax = 4_000
const trimmedTo = 3_600

/** Columns for the figures of a feed, empty. */
export function emptyColumns(figures: readonly string[]): Columns {
  return { atSeconds: [], values: Object.fromEntries(figures.map((name) => [name, []])) }
}

/** Adds one row of the feed; rows out of order or repeated are left out. Bounded. */
export function addRow(
  columns: Columns,
  figures: readonly string[],
  row: readonly (number | null)[],
): void {
  const at = (row[0] ?? 0) / 1_000
  const last = columns.atSeconds.at(-1)
  if (last !== undefined && at <= last) return
  columns.atSeconds.push(at)
  figures.forEach((name, i) => columns.values[name]?.push(row[i + 1] ?? null))
  if (columns.atSeconds.length <= rowsMax) return
  const excess = columns.atSeconds.length - trimmedTo
  columns.atSeconds.splice(0, excess)
  for (const values of Object.values(columns.values)) values.splice(0, excess)
}

/** The newest value of a figure, or of the last `lookBack` rows the newest that was measured. */
export function newest(columns: Columns | undefined, figure: string, lookBack = 1): number | null {
  const values = columns?.values[figure]
  if (values === undefined) return null
  const end = Math.max(0, values.length - lookBack)
  for (let at = values.length - 1; at >= end; at -= 1) {
    const value = values[at]
    if (value !== null && value !== undefined) return value
  }
  return null
}

/** Seconds since the first row at which the newest one lies; 0 when there is none. */
export function secondsPlayed({ atSeconds }: Columns): number {
  return Math.round((atSeconds.at(-1) ?? 0) - (atSeconds[0] ?? 0))
}

/** The value of a figure so many seconds after the first row, or the last one before that. */
export function valueAfter(columns: Columns, figure: string, seconds: number): number | null {
  const [first = 0] = columns.atSeconds
  const at = columns.atSeconds.findLastIndex((instant) => Math.round(instant - first) <= seconds)
  return columns.values[figure]?.[at] ?? null
}

/**
 * Several arms on one axis of whole seconds since each began, so that they compare at the same
 * moment of the simulated day. `wanted` names arm and figure of each line.
 */
export function sinceStart(
  arms: ReadonlyMap<string, Columns>,
  wanted: readonly { readonly arm: string; readonly figure: string }[],
): { readonly seconds: number[]; readonly lines: (number | null)[][] } {
  const elapsed = (columns: Columns, at: number): number =>
    Math.round((columns.atSeconds[at] ?? 0) - (columns.atSeconds[0] ?? 0))
  const played = [...arms.values()].filter(({ atSeconds }) => atSeconds.length > 0)
  const lengths = played.map((one) => secondsPlayed(one) + 1)
  const seconds = Array.from({ length: Math.max(0, ...lengths) }, (_, second) => second)
  const lines = wanted.map(({ arm, figure }) => {
    const line: (number | null)[] = seconds.map(() => null)
    const columns = arms.get(arm)
    columns?.values[figure]?.forEach((value, at) => {
      line[elapsed(columns, at)] = value
    })
    return line
  })
  return { seconds, lines }
}
