import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { nearest } from '../../core/settings.ts'
import { composeScenarios } from './composition.ts'
import { documentProblems, type SchemaNode } from './document-problems.ts'
import { eventProblems } from './event-problems.ts'
import { phaseProblems } from './phase-problems.ts'
import type { Profile } from './profile.ts'
import type { Scenario } from './scenario.ts'
import { profileSchema, scenarioSchema } from './scenario-schema-store.ts'

export type ScenarioReading =
  | { readonly kind: 'ok'; readonly scenario: Scenario; readonly profile: Profile }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

/** The scenario that commands take when none is named. */
export const defaultScenario = 'closure-morning'

/**
 * Reads a shipped scenario by name, or any file whose name ends in `.json`, with its profile;
 * several joined by `+` happen on one day (`closure-morning+sso-slow`). Nothing is repaired: every
 * problem is a sentence that begins with the file and the JSON path.
 */
export async function readScenario(nameOrFile: string): Promise<ScenarioReading> {
  const readings = await Promise.all(nameOrFile.split('+').map(readOne))
  const problems = readings.flatMap((one) => (one.kind === 'refused' ? one.problems : []))
  if (problems.length > 0) return refused(problems)
  const [first, ...others] = readings.filter((one) => one.kind === 'ok')
  if (first === undefined || others.length === 0) return first ?? refused([])
  const profiles = [first, ...others].map(({ scenario }) => scenario.profile)
  if (new Set(profiles).size > 1) {
    return refused([
      `SCENARIO: expected scenarios of one profile, found ${profiles.join(' and ')}.`,
    ])
  }
  const composed = composeScenarios([first.scenario, ...others.map(({ scenario }) => scenario)])
  return composed.kind === 'refused' ? composed : { ...first, scenario: composed.scenario }
}

async function readOne(nameOrFile: string): Promise<ScenarioReading> {
  const isFile = nameOrFile.endsWith('.json')
  const file = isFile ? resolve(nameOrFile) : join(shipped, `${nameOrFile}.json`)
  if (!isFile) {
    const known = await shippedScenarios()
    if (!known.includes(nameOrFile)) return refused([unknownName(nameOrFile, known)])
  }
  const read = await readDocument(file, scenarioSchema)
  if (read.kind === 'refused') return read
  const problems = phaseProblems(read.value.phases)
  if (problems.length > 0) return refused(problems.map((text) => `${basename(file)}: ${text}`))
  const profile = await readProfile(read.value.profile, isFile ? dirname(file) : undefined)
  if (profile.kind === 'refused') return profile
  const events = eventProblems(read.value, profile.value)
  if (events.length > 0) return refused(events.map((text) => `${basename(file)}: ${text}`))
  return { kind: 'ok', scenario: read.value, profile: profile.value }
}

/** A shipped profile, or the one beside an operator's own scenario. */
export async function readProfile(name: string, folder?: string) {
  const own = folder === undefined ? undefined : join(folder, `${name}.profile.json`)
  const file =
    own !== undefined && existsSync(own) ? own : join(shipped, 'profiles', `${name}.json`)
  return readDocument<Profile>(file, profileSchema)
}

const shipped = join(import.meta.dirname, '../../scenarios')

async function shippedScenarios(): Promise<string[]> {
  const files = await readdir(shipped)
  return files
    .filter((file) => file.endsWith('.json') && !file.endsWith('.schema.json'))
    .map((file) => basename(file, '.json'))
    .sort()
}

async function readDocument<T>(file: string, schema: z.ZodType<T>) {
  let document: unknown
  try {
    document = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return refused([`${basename(file)}: expected a readable JSON file, found: ${why}.`])
  }
  const parsed = schema.safeParse(document)
  if (parsed.success) return { kind: 'ok', value: parsed.data } as const
  const issues = parsed.error.issues.map((issue) => ({
    path: issue.path as (string | number)[],
    message: issue.message,
    ...(issue.code === 'unrecognized_keys' ? { unknownKeys: issue.keys } : {}),
  }))
  const problems = documentProblems(document, z.toJSONSchema(schema) as SchemaNode, issues)
  return refused(problems.map((text) => `${basename(file)}: ${text}`))
}

function unknownName(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  const hint = near === undefined ? '' : `; did you mean ${near}?`
  return `SCENARIO: expected a .json file or one of ${known.join(', ')}, found "${name}"${hint}`
}

function refused(problems: readonly string[]) {
  return { kind: 'refused', problems } as const
}
