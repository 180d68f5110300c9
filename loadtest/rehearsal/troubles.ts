/** What can go wrong in the peak on request, to see what a protection is worth. */
export const troubles = ['abuser', 'crowd', 'lost-answers', 'read-only', 'redis-crash'] as const

export type Trouble = (typeof troubles)[number]

/** When a trouble begins and ends, as shares of the peak: the rest of it shows the recovery. */
export const troubleWindow: Readonly<Record<Trouble, readonly [from: number, to: number]>> = {
  abuser: [0.1, 0.6],
  crowd: [0.1, 0.6],
  'lost-answers': [0, 1],
  'read-only': [0.1, 0.5],
  // In the middle of a read-only database, if that is asked for too: while writes wait.
  'redis-crash': [0.3, 0.4],
}

/** One person's script: this many times what the database can answer of such calls. */
const abuseRatio = 2
/** A page of this many answers at once would keep the whole database busy for 1.5 s. */
const crowdSeconds = 1.5
/** Mean database time of the calls both make. */
const callSeconds = 0.13

/** Calls a second that one script makes of a portal with so many database slots. */
export function abuseRate(databaseSlots: number): number {
  return Math.ceil((abuseRatio * databaseSlots) / callSeconds)
}

/** People who open one new page of their school in the same moment, once a second. */
export function crowdSize(databaseSlots: number): number {
  return Math.ceil((crowdSeconds * databaseSlots) / callSeconds)
}
