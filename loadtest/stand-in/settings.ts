import type { SettingDeclarations, SettingsOf } from '../../core/settings.ts'

const port = (meaning: string) =>
  ({
    kind: 'integer',
    default: 0,
    min: 0,
    max: 65_535,
    unit: 'port; 0 = any free',
    meaning,
  }) as const

const onOff = (initial: 'on' | 'off', meaning: string) =>
  ({ kind: 'choice', choices: ['on', 'off'], default: initial, meaning }) as const

/** Settings of the model portal. */
export const standInSettings = {
  port: port('portal, on 127.0.0.1'),
  controlPort: port('faults and statistics, on 127.0.0.1'),
  // What a 2-node Java portal of a small territory has; a rehearsal computes its own.
  databaseSlots: {
    kind: 'integer',
    default: 8,
    min: 1,
    max: 10_000,
    unit: 'slots',
    meaning: 'database pool: the capacity of the portal',
  },
  workers: {
    kind: 'integer',
    min: 1,
    max: 100_000,
    unit: 'workers',
    meaning: 'worker pool; four per database slot when absent',
  },
  identitySlots: {
    kind: 'integer',
    min: 1,
    max: 100_000,
    unit: 'logins',
    meaning: 'logins checked at once by the identity provider; one per database slot when absent',
  },
  collapse: onOff('on', 'service time rises with concurrency; work is done for clients who left'),
  contention: {
    kind: 'number',
    default: 0.6,
    min: 0,
    max: 10,
    unit: 'ratio',
    meaning: 'service times reach 1 + this when every worker is busy (collapse on)',
  },
  cold: {
    kind: 'flag',
    default: false,
    meaning: 'restarted: slow for the first 15 s (collapse on)',
  },
  sessionLock: {
    kind: 'choice',
    choices: ['off', 'writes', 'all'],
    default: 'writes',
    meaning: 'which requests of one session wait for each other',
  },
  // Thirty minutes: what load tests of French portals take for a session.
  sessionIdleSeconds: {
    kind: 'number',
    default: 1_800,
    min: 0.1,
    max: 86_400,
    unit: 's',
    meaning: 'a session unused for this long is closed',
  },
  sessionCap: {
    kind: 'integer',
    default: 100_000,
    min: 1,
    max: 10_000_000,
    unit: 'sessions',
    meaning: 'open sessions; more logins are refused',
  },
  formTokenSeconds: {
    kind: 'number',
    default: 1_800,
    min: 0.1,
    max: 86_400,
    unit: 's',
    meaning: 'life of a form token',
  },
  ecluseFields: onOff('off', 'Ecluse-* response fields'),
  deduplicate: onOff('off', 'a write repeated under its key is not applied again'),
  assertionKeyFile: { kind: 'text', meaning: 'key that signs writes on behalf of people' },
  ledger: { kind: 'text', meaning: 'append-only file of applied writes (required)' },
  seed: {
    kind: 'integer',
    default: 1,
    min: 0,
    max: 4_294_967_295,
    unit: 'seed',
    meaning: 'stream of service times',
  },
  stopWithParent: { kind: 'flag', default: false, meaning: 'stop when stdin closes' },
} as const satisfies SettingDeclarations

export type StandInSettings = SettingsOf<typeof standInSettings>
