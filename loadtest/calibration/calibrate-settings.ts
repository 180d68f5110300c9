import type { SettingDeclarations } from '../../core/settings.ts'

/** Flags of the command `calibrate`. */
export const calibrateSettings = {
  out: {
    kind: 'text',
    default: '.',
    meaning: 'Folder for NAME.json (a scenario) and NAME.profile.json.',
  },
  name: { kind: 'text', default: 'calibrated', meaning: 'Name of the scenario and its profile.' },
  k: {
    kind: 'integer',
    default: 20,
    min: 5,
    max: 10_000,
    unit: 'people',
    meaning: 'Nothing is said about fewer people than this.',
  },
  rules: {
    kind: 'text',
    meaning: 'JSON file of [{"match", "page", "role"}], asked before the rules for common portals.',
  },
  from: { kind: 'text', meaning: 'Time of the day at which the scenario begins, like 07:00.' },
  to: { kind: 'text', meaning: 'Time of the day at which it ends; the busiest hour when absent.' },
} as const satisfies SettingDeclarations
