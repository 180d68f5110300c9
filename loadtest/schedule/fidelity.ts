/** What became of one quantity of the real day in the run; the report prints them all. */
export interface FidelityEntry {
  readonly quantity: string
  readonly treatment: 'kept' | 'compressed' | 'scaled' | 'left out'
  readonly detail: string
}

/** The ledger of a run: what was compressed, what was not, and what is not exercised. */
export function fidelityLedger(run: {
  scale: number
  thinkCompression: number
  durationMs: number
  /** Minutes of the day that the phases play. */
  clockMinutes: number
}): FidelityEntry[] {
  const { scale, thinkCompression: compression } = run
  const calendar = (run.clockMinutes * 60_000) / run.durationMs
  const isReal = compression === 1
  return [
    entry('accounts', 'scaled', `x${scale} of the profile's`),
    entry('page, login and write rates', 'kept', `per wall second, x${scale} as the accounts`),
    entry(
      'calendar',
      'compressed',
      `by ${calendar.toFixed(1)} on average; hours between phases are skipped`,
    ),
    isReal
      ? entry('think times and visit lengths', 'kept', 'real')
      : entry(
          'think times and visit lengths',
          'compressed',
          `by ${compression}; think times stay above 0.5 s`,
        ),
    isReal
      ? entry('people inside at once', 'scaled', `x${scale} as the accounts`)
      : entry(
          'people inside at once',
          'compressed',
          `by ${compression}: no verdict on session stores`,
        ),
    entry('service times, patience, retries, Retry-After', 'kept', 'wall time'),
    entry(
      'returns after giving up, patience in line, idle time of a place inside',
      isReal ? 'kept' : 'compressed',
      `by ${compression}`,
    ),
    entry(
      'cache lifetimes, token and session lifetimes',
      'kept',
      'wall time; expiry is hardly exercised',
    ),
    entry(
      'people who came in skipped hours',
      'scaled',
      'log in when their phase begins to see them',
    ),
    entry(
      'bursts beyond the day curve',
      'left out',
      'page starts follow the curve every few seconds',
    ),
  ]
}

function entry(quantity: string, treatment: FidelityEntry['treatment'], detail: string) {
  return { quantity, treatment, detail }
}
