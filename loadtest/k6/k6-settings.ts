import type { SettingDeclarations } from '../../core/settings.ts'
import { scheduleSettings } from '../schedule/plan-settings.ts'
import { surgeSettings } from '../schedule/surge-flags.ts'

/** Flags of the command `k6`. */
export const k6Settings = {
  ...scheduleSettings,
  ...surgeSettings,
  out: { kind: 'text', default: 'k6-export', meaning: 'Folder for script, schedule and results.' },
  vus: {
    kind: 'integer',
    min: 1,
    max: 300_000,
    unit: 'virtual users',
    meaning: 'Sessions at once; worked out from the schedule when absent.',
  },
  segments: {
    kind: 'integer',
    default: 1,
    min: 1,
    max: 1_000,
    unit: 'machines',
    meaning: 'Pods of the TestRun, each of which plays its part of the sessions.',
  },
  run: { kind: 'flag', default: false, meaning: 'Run the k6 on the path, then report on it.' },
  results: {
    kind: 'text',
    meaning: 'Points that k6 has written already, with commas where several machines did.',
  },
  target: { kind: 'text', meaning: 'Address of the portal or edge, on this machine; for --run.' },
  arm: {
    kind: 'choice',
    choices: ['direct', 'edge'],
    default: 'direct',
    meaning: 'Whose results these are, for the report.',
  },
} as const satisfies SettingDeclarations
