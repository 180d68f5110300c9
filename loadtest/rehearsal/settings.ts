import type { SettingDeclarations, SettingsOf } from '../../core/settings.ts'
import { scheduleSettings } from '../schedule/plan-settings.ts'
import { surgeSettings } from '../schedule/surge-flags.ts'
import { troubles } from './troubles.ts'

/** Every protection of the edge that a rehearsal can do without, to see what it is worth. */
export const protections = [
  'cache',
  'coalescing',
  'waiting-room',
  'rate-limit',
  'write-absorption',
  'admission',
  'durable-queue',
  'deduplication',
] as const

export type Protection = (typeof protections)[number]

/** Flags of the command `rehearse`. */
export const rehearsalSettings = {
  ...scheduleSettings,
  ...surgeSettings,
  arms: {
    kind: 'choice',
    choices: ['both', 'direct', 'edge'],
    default: 'both',
    meaning: 'What to rehearse: the portal alone, behind the edge, or one after the other.',
  },
  out: { kind: 'text', meaning: 'Folder for the results; results/<time> when absent.' },
  json: { kind: 'flag', default: false, meaning: 'Print result.json at the end, nothing else.' },
  target: {
    kind: 'text',
    meaning: 'A portal to rehearse against instead of the stand-in; loopback addresses only.',
  },
  retries: {
    kind: 'choice',
    choices: ['on', 'off'],
    default: 'on',
    meaning: 'Whether people try again; off shows what their impatience is worth.',
  },
  without: {
    kind: 'text',
    meaning: `Protections to switch off, with commas: ${protections.join(', ')}.`,
  },
  trouble: {
    kind: 'text',
    meaning: `Troubles in the peak, with commas: ${troubles.join(', ')}.`,
  },
  capacityRatio: {
    kind: 'number',
    default: 1,
    min: 0.1,
    max: 10,
    unit: 'ratio',
    meaning: 'Capacity of the stand-in, times what the scenario gives it.',
  },
  contention: {
    kind: 'number',
    default: 0.6,
    min: 0,
    max: 10,
    unit: 'ratio',
    meaning: 'How much slower the stand-in gets when all its workers are busy.',
  },
} as const satisfies SettingDeclarations

export type RehearsalSettings = SettingsOf<typeof rehearsalSettings>

/** The names of a list with commas, all of them known, or the first that is not. */
export function readNames<Name extends string>(
  text: string | undefined,
  known: readonly Name[],
): { kind: 'ok'; names: readonly Name[] } | { kind: 'unknown'; name: string } {
  const names = (text ?? '').split(',').flatMap((name) => name.trim() || [])
  const unknown = names.find((name) => !known.includes(name as Name))
  return unknown === undefined
    ? { kind: 'ok', names: names as Name[] }
    : { kind: 'unknown', name: unknown }
}
