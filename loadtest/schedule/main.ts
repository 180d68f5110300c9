import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { failureCode } from '../../core/failure.ts'
import { expectation, flagOf, readSettings } from '../../core/settings.ts'
import { planSchedule } from './plan.ts'
import { planSettings } from './plan-settings.ts'
import { planText, summarisePlan } from './plan-summary.ts'
import { defaultScenario, readScenario } from './scenario-store.ts'
import { canonicalLines, scheduleHash } from './schedule-hash-store.ts'

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
  const { scale, seed, minutes, out, json } = asked.settings
  try {
    const { scenario, profile } = reading
    const schedule = planSchedule({ scenario, profile, scale, seed, minutes })
    const summary = summarisePlan(schedule, scheduleHash(schedule))
    if (out !== undefined) await writeFile(out, `${[...canonicalLines(schedule)].join('\n')}\n`)
    process.stdout.write(json ? `${JSON.stringify(summary)}\n` : planText(summary))
    return 0
  } catch (error) {
    if (failureCode(error) !== undefined) return refuse([(error as Error).message])
    if (out !== undefined && error instanceof Error && 'syscall' in error) {
      return refuse([
        `${flagOf('out')}: expected a file that can be written, found: ${error.message}.`,
      ])
    }
    throw error
  }
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
  const reading = readSettings(planSettings, values)
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
    options[name] = { type: kind === 'flag' ? 'boolean' : 'string' }
  }
  return options
}

function usage(): string {
  const lines = Object.entries(planSettings).map(([name, declaration]) => {
    const standard = 'default' in declaration ? `; default ${declaration.default}` : ''
    return `  ${flagOf(name).padEnd(11)}${declaration.meaning} (${expectation(declaration)}${standard})`
  })
  return `Usage: ecluse plan [SCENARIO] [options]\n\n${lines.join('\n')}\n`
}

function refuse(problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`ecluse plan: ${problem}\n`)
  return 2
}
