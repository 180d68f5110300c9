import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../../core/clock.ts'
import { failureCode } from '../../core/failure.ts'
import { unguessable } from '../../core/random.ts'
import { expectation, flagOf, readSettings, type SettingsOf } from '../../core/settings.ts'
import { referencePortal } from '../../scenarios/portals/reference.ts'
import { readTarget } from '../engine/target.ts'
import { assembleResult } from '../report/assemble.ts'
import { writeResults } from '../report/results-store.ts'
import { verdictLines } from '../report/terminal.ts'
import { planSchedule, type Schedule } from '../schedule/plan.ts'
import { defaultScenario, readScenario } from '../schedule/scenario-store.ts'
import { scheduleHash } from '../schedule/schedule-hash-store.ts'
import { restateSurge } from '../schedule/surge-flags.ts'
import { K6Evidence } from './k6-evidence.ts'
import { exportForK6, type K6Run } from './k6-export.ts'
import { readPoints, runK6, writeK6Folder } from './k6-process.ts'
import { k6Settings } from './k6-settings.ts'
import { clockOf, scheduleFacts } from './schedule-facts.ts'

type K6Settings = SettingsOf<typeof k6Settings>

/** `ecluse k6 [SCENARIO]`: a scenario for k6, and our report on what k6 measured. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(usage())
    return 0
  }
  const asked = readArguments(argv)
  if (asked.kind === 'refused') return complain(2, asked.problems)
  const { settings } = asked
  const reading = await readScenario(asked.scenario)
  if (reading.kind === 'refused') return complain(2, reading.problems)
  const restated = restateSurge(settings, reading)
  if (restated.kind === 'refused') return complain(2, restated.problems)
  const { scale, seed, minutes, out, vus, segments, target } = settings
  try {
    const { scenario } = restated
    const schedule = planSchedule({ scenario, profile: reading.profile, scale, seed, minutes })
    const hash = scheduleHash(schedule)
    const { run, sessions } = exportForK6(schedule, { portal: referencePortal, hash, vus })
    await writeK6Folder(out, { run, sessions, name: scenario.name, segments })
    process.stderr.write(`${out}: ${sessions.length} sessions, ${run.vus} virtual users\n`)
    const files = settings.results?.split(',') ?? []
    if (settings.run && target !== undefined) files.push(await play(settings, target))
    if (files.length === 0) return 0
    return await report({ settings, schedule, run, files, command: argv })
  } catch (error) {
    const code = failureCode(error)
    if (code === undefined) throw error
    return complain(code.startsWith('target-') ? 6 : 2, [(error as Error).message])
  }
}

async function play(settings: K6Settings, target: string): Promise<string> {
  const { origin } = readTarget(target)
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    const runId = `k6-${unguessable(6)}`
    return await runK6({ folder: settings.out, target: origin, runId, signal: stop.signal })
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

async function report(facts: {
  readonly settings: K6Settings
  readonly schedule: Schedule
  readonly run: K6Run
  readonly files: readonly string[]
  readonly command: readonly string[]
}): Promise<number> {
  const { settings, schedule, run, files, command } = facts
  const evidence = new K6Evidence(run)
  for (const file of files) await readPoints(file, (point) => evidence.add(point))
  const { scenario } = schedule.request
  const arm = evidence.evidence({ scheduled: schedule.sessionCount, clockAt: clockOf(schedule) })
  const result = assembleResult({
    startedAt: new Date(systemClock.wallMs()).toISOString(),
    scenario: { name: scenario.name, title: scenario.title },
    schedule: scheduleFacts(schedule, run.scheduleHash),
    limits: scenario.slo,
    arms: {
      direct: settings.arm === 'direct' ? arm : null,
      edge: settings.arm === 'edge' ? arm : null,
    },
    writes: { notAudited: 'k6 keeps no list of acknowledged writes' },
    protectionsOff: [],
    troubles: [],
    reproduce: `ecluse k6 ${command.join(' ')}`,
    versions: { k6: '2', node: process.versions.node },
    notMeasured,
  })
  const folder = join(settings.out, 'results')
  await writeResults(folder, result)
  const lines = verdictLines(result, { folder, columns: 100, palette: 'plain' })
  process.stdout.write(`${lines.join('\n')}\n`)
  return result.exitCode
}

const notMeasured = {
  'generator.eventLoopDelayP99Ms': 'k6 has no event loop; its start and page lags say as much',
  'generator.cpuRatio': 'k6 does not report its own use of the processor',
  leaks: 'the exported script does not look for canaries',
}

function readArguments(argv: readonly string[]) {
  const options: Record<string, { type: 'string' | 'boolean' }> = {}
  for (const [name, { kind }] of Object.entries(k6Settings)) {
    options[flagOf(name).slice(2)] = { type: kind === 'flag' ? 'boolean' : 'string' }
  }
  const { values, positionals } = parseArgs({
    args: [...argv],
    options,
    allowPositionals: true,
    strict: false,
  })
  const given = Object.entries(values).map(([flag, value]) => [
    flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ])
  const reading = readSettings(k6Settings, Object.fromEntries(given))
  const problems =
    reading.kind === 'refused'
      ? reading.problems.map((problem) => problem.replace(/^\w+/, flagOf))
      : []
  if (positionals.length > 1) {
    problems.push(`SCENARIO: expected one, found "${positionals.join(' ')}".`)
  }
  if (reading.kind === 'ok' && reading.settings.run && reading.settings.target === undefined) {
    problems.push('--target: expected an address like http://127.0.0.1:8080, found none.')
  }
  if (reading.kind === 'refused' || problems.length > 0) {
    return { kind: 'refused', problems } as const
  }
  const scenario = positionals[0] ?? defaultScenario
  return { kind: 'ok', scenario, settings: reading.settings } as const
}

function usage(): string {
  const lines = Object.entries(k6Settings).map(([name, declaration]) => {
    const standard = 'default' in declaration ? `; default ${declaration.default}` : ''
    const accepted = `${expectation(declaration)}${standard}`
    return `  ${flagOf(name).padEnd(20)}${declaration.meaning} (${accepted})`
  })
  return `Usage: ecluse k6 [SCENARIO] [options]\n\n${lines.join('\n')}\n`
}

function complain(exitCode: number, problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`ecluse k6: ${problem}\n`)
  return exitCode
}
