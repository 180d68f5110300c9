import type { SettingDeclarations } from '../../core/settings.ts'
import { surgeSettings } from './surge-flags.ts'

/** Flags of every command that plans a schedule. */
export const scheduleSettings = {
  scale: {
    kind: 'number',
    // Half of the reference portal: what two cores deliver with room to spare (measured).
    default: 0.5,
    min: 0.002,
    max: 1,
    unit: 'share of the profile',
    meaning: 'Accounts and load, as a share of the profile; 0.5 is half of it.',
  },
  seed: {
    kind: 'integer',
    default: 1,
    min: 0,
    max: 2_147_483_647,
    unit: 'number',
    meaning: 'Decides everything drawn; the same seed gives the same schedule.',
  },
  minutes: {
    kind: 'number',
    min: 0.25,
    max: 1_440,
    unit: 'minutes',
    meaning: "Wall time of one arm; the scenario's own when absent.",
  },
} as const satisfies SettingDeclarations

/** Flags of the command `plan`. */
export const planSettings = {
  ...scheduleSettings,
  ...surgeSettings,
  check: {
    kind: 'flag',
    default: false,
    meaning: 'Also check laws and patterns, visit by visit; exit code 4 when a check fails.',
  },
  week: {
    kind: 'integer',
    min: 1_000,
    max: 100_000_000,
    unit: 'visits',
    meaning: 'Plan this many visits over a week of such days instead of a run; nothing is kept.',
  },
  out: { kind: 'text', meaning: 'File to write the sessions to, one JSON object a line.' },
  json: { kind: 'flag', default: false, meaning: 'Print the plan as JSON.' },
} as const satisfies SettingDeclarations
