/** What calibration takes from one line of an access log; nothing of it is kept. */
export interface LogEntry {
  /** Wall clock of the place, as ms since 1970 as if it were UTC: only days and hours matter. */
  atMs: number
  /** The address asked for, query included. */
  target: string
  /** Of who asks: account or session where logged, else address and browser, keyed and one-way. */
  visitor: number
  /** As the log says, or empty. */
  host: string
  role: string
  /** Ms that the answer took; NaN where the log does not say. */
  answerMs: number
}

/** Reads one line of `text` from `from` to `to`; null for what is no page and for damage. */
export type LineReader = (
  text: string,
  from: number,
  to: number,
) => LogEntry | 'skipped' | 'damaged'

export type LogFormat = 'combined' | 'json' | 'haproxy'

/** The format of a first line, or undefined. */
export function formatOf(line: string): LogFormat | undefined {
  if (line.startsWith('{')) return 'json'
  if (
    / haproxy\[\d+\]: | \[\d\d\/\w{3}\/\d{4}:[\d:]{8}\.\d{3}\] \S+ \S+\/\S+ [-\d/+]+ /.test(line)
  ) {
    return 'haproxy'
  }
  return /^\S+ \S+ .*\[\d\d\/\w{3}\/\d{4}:[\d:]{8} [+-]\d{4}\] "/.test(line)
    ? 'combined'
    : undefined
}
