import type { SettingDeclarations } from '../../core/settings.ts'

/** Flags of the command `capacity`. */
export const capacitySettings = {
  target: { kind: 'text', meaning: 'Address of the portal or edge, on this machine.' },
  scale: {
    kind: 'number',
    default: 0.1,
    min: 0.002,
    max: 1,
    unit: 'share of the profile',
    meaning: 'Accounts and load, as a share of the profile.',
  },
  seed: {
    kind: 'integer',
    default: 1,
    min: 0,
    max: 2_147_483_647,
    unit: 'number',
    meaning: 'Decides everything drawn.',
  },
  split: {
    kind: 'choice',
    choices: ['observed', 'half', 'same-pace', 'rush'],
    default: 'observed',
    meaning: 'How more page views divide into more people and more pages each.',
  },
  duration: { kind: 'text', default: 'x3', meaning: 'Length of a visit against the ordinary day.' },
  from: {
    kind: 'number',
    default: 1,
    min: 0.1,
    max: 50,
    unit: 'times the pages of an ordinary day',
    meaning: 'The first load that is tried.',
  },
  atMost: {
    kind: 'number',
    default: 30,
    min: 1,
    max: 100,
    unit: 'times the pages of an ordinary day',
    meaning: 'The most that is tried.',
  },
  precision: {
    kind: 'number',
    default: 0.05,
    min: 0.01,
    max: 0.5,
    unit: 'ratio',
    meaning: 'How far the first load that breaks may be above the last that holds.',
  },
  probeSeconds: {
    kind: 'number',
    // A p99 needs a few hundred pages at the smallest load.
    default: 45,
    min: 15,
    max: 3_600,
    unit: 'seconds',
    meaning: 'Length of one try.',
  },
  json: { kind: 'flag', default: false, meaning: 'Print the tries and the verdict as JSON.' },
} as const satisfies SettingDeclarations
