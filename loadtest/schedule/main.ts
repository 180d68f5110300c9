import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { failureCode } from '../../core/failure.ts'
import { expectation, flagOf, readSettings, type SettingsOf } from '../../core/settings.ts'
import { lawChecks } from './law-checks.ts'
import { patternChecks } from './pattern-checks.ts'
import { planSchedule } from './plan.ts'
import { planSettings } from './plan-settings.ts'
import { planText, summarisePlan } from './plan-summary.ts'
import type { Profile } from './profile.ts'
import type { Scenario } from './scenario.ts'
import { defaultScenario, readScenario } from './scenario-store.ts'
import { canonicalLines, scheduleHash } from './schedule-hash-store.ts'
import { restateSurge, type SurgeStatement } from './surge-flags.ts'
import { planWeek } from './week-plan.ts'
import { weekText } from './week-text.ts'

/** `ecluse plan [SCENARIO]`: computes a schedule and checks it; sends nothing. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(usage())
    return 0
  }
  const asked = readArguments(argv)
  if (asked.kind === 'refused') return refuse(asked.problems)
  const reading = await readScenario(asked.scenario)
  if (reading.kind === 'refused') return refuse(reading.problems)
  const restated = restateSurge(asked.settings, reading)
  if (restated.kind === 'refused') return refuse(restated.problems)
  const { scenario, surge } = restated
  const { profile } = reading
  const { week, seed, json } = asked.settings
  if (week !== undefined) {
    const plan = planWeek({ scenario, profile, visits: week, seed })
    process.stdout.write(json ? `${JSON.stringify(plan)}\n` : weekText(plan))
    return plan.checks.every(({ holds }) => holds) ? 0 : 4
  }
  try {
    return await planRun({ scenario, profile, surge, settings: asked.settings })
  } catch (error) {
    if (failureCode(error) !== undefined) return refuse([(error as Error).message])
    if (asked.settings.out !== undefined && error instanceof Error && 'syscall' in error) {
      return refuse([
        `${flagOf('out')}: expected a file that can be written, found: ${error.message}.`,
      ])
    }
    throw error
  }
}

async function planRun(ask: {
  readonly scenario: Scenario
  readonly profile: Profile
  readonly surge: SurgeStatement | null
  readonly settings: SettingsOf<typeof planSettings>
}): Promise<number> {
  const { scenario, profile, surge, settings } = ask
  const { scale, seed, minutes, check, out, json } = settings
  const schedule = planSchedule({ scenario, profile, scale, seed, minutes })
  const planned = summarisePlan(schedule, scheduleHash(schedule))
  const more = check ? [...patternChecks(schedule), ...lawChecks(schedule)] : []
  const summary = { ...planned, surge, checks: [...planned.checks, ...more] }
  if (out !== undefined) await writeFile(out, `${[...canonicalLines(schedule)].join('\n')}\n`)
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : planText(summary))
  return check && summary.checks.some(({ holds }) => !holds) ? 4 : 0
}

function readArguments(argv: readonly string[]) {
  let parsed: { values: Record<string, unknown>; positionals: string[] }
  try {
    parsed = parseArgs({ args: [...argv], options: flagOptions(), allowPositionals: true })
  } catch (error) {
    return { kind: 'refused', problems: [(error as Error).message] } as const
  }
  const { values, positionals } = parsed
  if (positionals.length > 1) {
    const found = positionals.join(' ')
    return { kind: 'refused', problems: [`SCENARIO: expected one, found "${found}".`] } as const
  }
  const given = Object.entries(values).map(([flag, value]) => [
    flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ])
  const reading = readSettings(planSettings, Object.fromEntries(given))
  if (reading.kind === 'refused') {
    const problems = reading.problems.map((problem) => problem.replace(/^\w+/, flagOf))
    return { kind: 'refused', problems } as const
  }
  const scenario = positionals[0] ?? defaultScenario
  return { kind: 'ok', scenario, settings: reading.settings } as const
}

function flagOptions() {
  const options: Record<string, { type: 'string' | 'boolean' }> = {}
  for (const [name, { kind }] of Object.entries(planSettings)) {
    options[flagOf(name).slice(2)] = { type: kind === 'flag' ? 'boolean' : 'string' }
  }
  return options
}

function usage(): string {
  const lines = Object.entries(planSettings).map(([name, declaration]) => {
    const standard = 'default' in declaration ? `; default ${declaration.default}` : ''
    return `  ${flagOf(name).padEnd(18)}${declaration.meaning} (${expectation(declaration)}${standard})`
  })
  return `Usage: ecluse plan [SCENARIO] [options]\n\n${lines.join('\n')}\n`
}

function refuse(problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`ecluse plan: ${problem}\n`)
  return 2
}
