import type { SettingDeclarations } from '../../core/settings.ts'
import { scheduleSettings } from '../schedule/plan-settings.ts'
import { surgeSettings } from '../schedule/surge-flags.ts'

/** Flags of the command `run`. */
export const runSettings = {
  ...scheduleSettings,
  ...surgeSettings,
  target: { kind: 'text', meaning: 'Address of the portal or edge, on this machine.' },
  control: {
    kind: 'text',
    meaning: "The stand-in's control address, for scenarios in which something goes wrong.",
  },
  out: { kind: 'text', meaning: 'File to write the result to, as JSON.' },
  json: { kind: 'flag', default: false, meaning: 'Report progress as one JSON object a line.' },
  runId: { kind: 'text', meaning: 'Begins every idempotency key; drawn anew when absent.' },
  retries: {
    kind: 'choice',
    choices: ['on', 'off'],
    default: 'on',
    meaning: 'Whether people try again; off: one attempt, then they leave for good.',
  },
  preludeSeconds: {
    kind: 'number',
    default: 5,
    min: 0,
    max: 600,
    unit: 'seconds',
    meaning: 'Over which people already inside log in, unmeasured; at least 10 ms each.',
  },
  drainSeconds: {
    kind: 'number',
    default: 5,
    min: 0,
    max: 600,
    unit: 'seconds',
    meaning: 'What running requests may take to finish after the last phase.',
  },
  maxSessions: {
    kind: 'integer',
    // About 3 KB a session: 300 MB.
    default: 100_000,
    min: 1,
    max: 1_000_000,
    unit: 'sessions at once',
    meaning: 'Beyond it sessions are not started and the run is INVALID.',
  },
  stopWithParent: {
    kind: 'flag',
    default: false,
    meaning: 'Stop when standard input closes, so that a parent that dies leaves nothing behind.',
  },
} as const satisfies SettingDeclarations
