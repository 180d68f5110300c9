/** One sample of k6's CSV output. */
export interface K6Point {
  readonly metric: string
  /** Epoch ms of the end of what was measured. */
  readonly atMs: number
  readonly value: number
  readonly tags: Readonly<Record<string, string>>
}

/** Our own metrics; k6's are left aside. */
const ours = new Set([
  'run_origin',
  'session_start_lag',
  'sessions_ended',
  'page_response',
  'page_lag',
  'page_attempts',
  'login_ok',
  'writes_acknowledged',
])

/**
 * Reads a line of `--out csv` made with `--system-tags status` and `unix_milli` times:
 * metric,time,value,status,extra_tags,metadata. Undefined for other metrics and for damage.
 */
export function readPoint(line: string): K6Point | undefined {
  const comma = line.indexOf(',')
  const metric = line.slice(0, comma)
  if (!ours.has(metric)) return undefined
  const [, time, value, , extra = ''] = line.split(',')
  const atMs = Number(time)
  const found = Number(value)
  if (!Number.isFinite(atMs) || !Number.isFinite(found)) return undefined
  return { metric, atMs, value: found, tags: Object.fromEntries(new URLSearchParams(extra)) }
}
