import type { SettingDeclarations, SettingsOf } from '../../core/settings.ts'
import { flagOf } from '../../core/settings.ts'
import { dayVisits, pagesPerDay } from './day-visits.ts'
import type { Profile } from './profile.ts'
import type { Multipliers, Scenario } from './scenario.ts'
import { type OrdinaryVisit, solveSurge, type Surge, type SurgeName } from './surge-algebra.ts'

const factorOf = (what: string): { readonly kind: 'text'; readonly meaning: string } => ({
  kind: 'text',
  meaning: `${what} against the ordinary day, like x4.5; what is not given is derived.`,
})

/** Flags that restate a scenario's multipliers. */
export const surgeSettings = {
  pages: factorOf('Page views'),
  sessions: factorOf('Visits'),
  duration: factorOf('Length of a visit'),
  pagesPerVisit: factorOf('Pages of a visit'),
  gap: factorOf('Time between two pages'),
  concurrency: factorOf('People inside at once'),
  split: {
    kind: 'choice',
    choices: ['observed', 'half', 'same-pace', 'rush'],
    default: 'observed',
    meaning: 'How more page views divide into more people and more pages each.',
  },
} as const satisfies SettingDeclarations

export type SurgeFlags = SettingsOf<typeof surgeSettings>

export type SurgeReading =
  | { readonly kind: 'ok'; readonly scenario: Scenario; readonly surge: SurgeStatement | null }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

/** What was asked for in figures, and what follows from it. */
export interface SurgeStatement {
  readonly split: SurgeFlags['split']
  readonly surge: Surge
  readonly derived: readonly string[]
}

/** The scenario with the multipliers that the flags ask for; itself when none is given. */
export function restateSurge(
  flags: Partial<SurgeFlags>,
  { scenario, profile }: { readonly scenario: Scenario; readonly profile: Profile },
): SurgeReading {
  const known: Partial<Record<SurgeName, number>> = {}
  const problems: string[] = []
  for (const name of surgeNames) {
    const text = flags[name]
    if (text === undefined) continue
    const value = Number(/^x?(\d+(?:\.\d+)?)$/.exec(text)?.[1])
    if (value > 0 && value <= 100) known[name] = value
    else problems.push(`${flagOf(name)}: expected a factor like x4.5, up to x100, found "${text}".`)
  }
  if (problems.length > 0) return { kind: 'refused', problems }
  if (Object.keys(known).length === 0) return { kind: 'ok', scenario, surge: null }
  const split = flags.split ?? 'observed'
  const { duration } = scenario.multipliers
  const solution = solveSurge({
    known,
    visit: ordinaryVisit(profile),
    split,
    otherwise: { duration },
  })
  if (solution.kind === 'refused') return solution
  const { surge, derived } = solution
  const multipliers: Multipliers = {
    sessions: surge.sessions,
    pages: surge.pages,
    duration: surge.duration,
  }
  return { kind: 'ok', scenario: { ...scenario, multipliers }, surge: { split, surge, derived } }
}

/** The flags again, for a command that is to plan the same. */
export function surgeArguments(flags: Partial<SurgeFlags>): readonly string[] {
  return [...surgeNames, 'split' as const].flatMap((name) => {
    const text = flags[name]
    return text === undefined ? [] : [flagOf(name), text]
  })
}

/** The mean visit of a profile's ordinary day, over all roles. */
export function ordinaryVisit(profile: Profile): OrdinaryVisit {
  const multipliers = { sessions: 1, pages: 1, duration: 1 }
  const rows = dayVisits(profile, { day: 'baseline', multipliers, scale: 1 })
  const visits = rows.reduce((sum, row) => sum + row.visits, 0)
  const pages = pagesPerDay(rows)
  const gapsMs = rows.reduce((sum, row) => sum + row.visits * (row.pages - 1) * row.gapMs, 0)
  return {
    pages: pages / visits,
    gapMs: gapsMs / (pages - visits),
    answerMs: profile.answerMs.value,
  }
}

const surgeNames = [
  'pages',
  'sessions',
  'duration',
  'pagesPerVisit',
  'gap',
  'concurrency',
] as const satisfies readonly SurgeName[]
