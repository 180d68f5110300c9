import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { failureCode } from '../../core/failure.ts'
import { expectation, flagOf, readSettings, type SettingsOf } from '../../core/settings.ts'
import { readProfile } from '../schedule/scenario-store.ts'
import { calibrate } from './calibration-process.ts'
import { calibrationText } from './calibration-text.ts'
import { calibrateSettings } from './calibrate-settings.ts'
import { calibratedScenario } from './calibrated-scenario.ts'
import { fitOf } from './fit.ts'
import type { PageRule } from './page-rules.ts'
import { readRules } from './page-rules-store.ts'

/** `ecluse calibrate LOG...`: access logs in, a scenario and its profile out; numbers only. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(usage())
    return 0
  }
  const asked = readArguments(argv)
  if (asked.kind === 'refused') return refuse(asked.problems)
  const { files, settings } = asked
  const reading =
    settings.rules === undefined
      ? ({ kind: 'ok', rules: [] } as const)
      : await readRules(settings.rules)
  if (reading.kind === 'refused') return refuse(reading.problems)
  try {
    return await writeCalibration(files, settings, reading.rules)
  } catch (error) {
    if (failureCode(error) === undefined) throw error
    return refuse([(error as Error).message])
  }
}

async function writeCalibration(
  files: readonly string[],
  settings: SettingsOf<typeof calibrateSettings>,
  rules: readonly PageRule[],
): Promise<number> {
  const { name, k, out, from, to } = settings
  const base = await readProfile('r500')
  if (base.kind === 'refused') return refuse(base.problems)
  const found = await calibrate({ files, name, k, rules, base: base.value })
  if (found.tally.pages.size === 0) {
    return refuse(['LOG: expected page views, found none; --rules says what a page is.'])
  }
  const { profile, tally, totals, suppressed } = found
  const scenario = calibratedScenario(profile, { from, to })
  const fit = fitOf(scenario, profile)
  try {
    await mkdir(out, { recursive: true })
    await writeFile(join(out, `${name}.profile.json`), `${JSON.stringify(profile, null, 2)}\n`)
    await writeFile(join(out, `${name}.json`), `${JSON.stringify(scenario, null, 2)}\n`)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return refuse([`--out: expected a folder that can be written, found: ${why}.`])
  }
  process.stdout.write(calibrationText({ totals, tally, suppressed, fit, k }))
  process.stdout.write(`${join(out, `${name}.json`)}\n`)
  return 0
}

function readArguments(argv: readonly string[]) {
  const options = Object.fromEntries(
    Object.keys(calibrateSettings).map((name) => [name, { type: 'string' as const }]),
  )
  let parsed: { values: Record<string, unknown>; positionals: string[] }
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (error) {
    return { kind: 'refused', problems: [(error as Error).message] } as const
  }
  const reading = readSettings(calibrateSettings, parsed.values)
  const problems =
    reading.kind === 'refused'
      ? reading.problems.map((problem) => problem.replace(/^\w+/, flagOf))
      : problemsOf(reading.settings)
  if (parsed.positionals.length === 0) problems.push('LOG: expected at least one file, found none.')
  if (reading.kind === 'refused' || problems.length > 0)
    return { kind: 'refused', problems } as const
  return { kind: 'ok', files: parsed.positionals, settings: reading.settings } as const
}

function problemsOf({ name, from, to }: SettingsOf<typeof calibrateSettings>): string[] {
  const problems: string[] = []
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    problems.push(`--name: expected lower-case letters, digits and hyphens, found "${name}".`)
  }
  for (const [flag, time] of [
    ['--from', from],
    ['--to', to],
  ] as const) {
    if (time !== undefined && !/^([01][0-9]|2[0-3]):[0-5][0-9]$/.test(time)) {
      problems.push(`${flag}: expected a time like 07:00, found "${time}".`)
    }
  }
  if ((from === undefined) !== (to === undefined)) {
    problems.push('--from, --to: expected both or neither, found one.')
  } else if (from !== undefined && to !== undefined && to <= from) {
    problems.push(`--to: expected a time after ${from}, found "${to}".`)
  }
  return problems
}

function usage(): string {
  const lines = Object.entries(calibrateSettings).map(([name, declaration]) => {
    const standard = 'default' in declaration ? `; default ${declaration.default}` : ''
    return `  ${flagOf(name).padEnd(9)}${declaration.meaning} (${expectation(declaration)}${standard})`
  })
  return `Usage: ecluse calibrate LOG... [options]\n\n${lines.join('\n')}\n`
}

function refuse(problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`ecluse calibrate: ${problem}\n`)
  return 2
}
