import { rename, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { failureCode } from '../../core/failure.ts'
import { unguessable } from '../../core/random.ts'
import { expectation, flagOf, readSettings, type SettingsOf } from '../../core/settings.ts'
import { referencePortal } from '../../scenarios/portals/reference.ts'
import { faultChanges } from '../schedule/disturbances.ts'
import { planSchedule, type Schedule } from '../schedule/plan.ts'
import { defaultScenario, readScenario } from '../schedule/scenario-store.ts'
import { scheduleHash } from '../schedule/schedule-hash-store.ts'
import { restateSurge } from '../schedule/surge-flags.ts'
import { openFaultClient } from './fault-client.ts'
import type { LoadResult, LoadSnapshot } from './load-result.ts'
import { loadSummary, progressLine } from './load-summary.ts'
import type { SchedulePlan } from './run-plan.ts'
import { runLoad } from './run-process.ts'
import { runSettings } from './run-settings.ts'
import { readTarget } from './target.ts'
import { defaultUserModel } from './user-model.ts'

type RunSettings = SettingsOf<typeof runSettings>
type Scenario = Schedule['request']['scenario']

/** `ecluse run [SCENARIO] --target URL`: plays a scenario's people against a portal or an edge. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(usage())
    return 0
  }
  const asked = readArguments(argv)
  if (asked.kind === 'refused') return complain(2, asked.problems)
  const reading = await readScenario(asked.scenario)
  if (reading.kind === 'refused') return complain(2, reading.problems)
  const { scale, seed, minutes, control } = asked.settings
  const restated = restateSurge(asked.settings, reading)
  if (restated.kind === 'refused') return complain(2, restated.problems)
  const { profile } = reading
  const { scenario } = restated
  if (scenario.disturbances.length > 0 && control === undefined) {
    return complain(2, [
      `--control: expected the stand-in's control address, as ${scenario.name} disturbs the portal; found none.`,
    ])
  }
  const stop = stopOnSignals(asked.settings)
  try {
    // Before the plan, which takes a while at full scale.
    readTarget(asked.target)
    if (asked.settings.json) process.stdout.write('{"event":"ready"}\n')
    const schedule = planSchedule({ scenario, profile, scale, seed, minutes })
    const answerMs = profile.answerMs.value
    const plan = { ...schedule, hash: scheduleHash(schedule), answerMs }
    const setFaults = control === undefined ? undefined : openFaultClient(control)
    const moments = faultChanges(schedule).map(({ atMs, faults }) => ({
      atMs,
      act: async () => setFaults?.(faults),
    }))
    const users = { ...defaultUserModel, ...scenario.users }
    return await play({
      plan,
      settings: asked.settings,
      target: asked.target,
      users: { ...users, calendarCompression: schedule.thinkCompression },
      scenario,
      moments,
      signal: stop.signal,
    })
  } catch (error) {
    const code = failureCode(error)
    if (code === undefined) throw error
    return complain(code.startsWith('target-') ? 6 : 2, [(error as Error).message])
  } finally {
    stop.forget()
  }
}

async function play(facts: {
  readonly plan: SchedulePlan
  readonly settings: RunSettings
  readonly target: string
  readonly users: typeof defaultUserModel
  readonly scenario: Scenario
  readonly moments: NonNullable<Parameters<typeof runLoad>[0]['moments']>
  readonly signal: AbortSignal
}): Promise<number> {
  const { plan, settings, target, users, scenario, moments, signal } = facts
  const say = (event: string, data: object, line: string): void => {
    if (settings.json) process.stdout.write(`${JSON.stringify({ event, ...data })}\n`)
    else process.stderr.write(`${line}\n`)
  }
  const result = await runLoad({
    plan,
    portal: referencePortal,
    target,
    users: { ...users, retries: settings.retries },
    pageDeadlineMs: scenario.slo.pageDeadlineMs,
    runId: settings.runId ?? unguessable(6),
    seed: settings.seed,
    preludeMs: settings.preludeSeconds * 1000,
    drainMs: settings.drainSeconds * 1000,
    maxConcurrentSessions: settings.maxSessions,
    moments,
    onPhase: (phase) => say('phase', phase, `phase ${phase.name}`),
    onProgress: (snapshot: LoadSnapshot) => say('progress', snapshot, progressLine(snapshot)),
    signal,
  })
  const saved = settings.out === undefined ? 0 : await save(result, settings.out)
  say('ended', { endedBy: result.endedBy, generator: result.generator }, loadSummary(result))
  if (saved !== 0) return saved
  if (result.endedBy === 'stopped') return 130
  return result.generator.verdict === 'valid' ? 0 : 4
}

/** The first signal ends the run early with a result; the second ends the process. */
function stopOnSignals(settings: RunSettings): { signal: AbortSignal; forget: () => void } {
  const stop = new AbortController()
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(130)
    process.stderr.write('ecluse run: stopping; a second signal ends it at once.\n')
    stop.abort()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  if (settings.stopWithParent) process.stdin.once('close', onSignal).resume()
  return {
    signal: stop.signal,
    forget() {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
      process.stdin.off('close', onSignal)
      if (settings.stopWithParent) process.stdin.destroy()
    },
  }
}

async function save(result: LoadResult, out: string): Promise<number> {
  try {
    await writeFile(`${out}.partial`, `${JSON.stringify(result)}\n`)
    await rename(`${out}.partial`, out)
    return 0
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    return complain(1, [`--out: expected a file that can be written, found: ${found}.`])
  }
}

function readArguments(argv: readonly string[]) {
  const options: Record<string, { type: 'string' | 'boolean' }> = {}
  for (const [name, { kind }] of Object.entries(runSettings)) {
    options[flagOf(name).slice(2)] = { type: kind === 'flag' ? 'boolean' : 'string' }
  }
  // Not strict: unknown flags are refused, with a hint, by `readSettings`.
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
  const reading = readSettings(runSettings, Object.fromEntries(given))
  const problems =
    reading.kind === 'refused'
      ? reading.problems.map((problem) => problem.replace(/^\w+/, flagOf))
      : []
  if (positionals.length > 1) {
    problems.push(`SCENARIO: expected one, found "${positionals.join(' ')}".`)
  }
  const target = reading.kind === 'ok' ? reading.settings.target : undefined
  if (reading.kind === 'ok' && target === undefined) {
    problems.push('--target: expected an address like http://127.0.0.1:8080, found none.')
  }
  if (reading.kind === 'refused' || target === undefined || problems.length > 0) {
    return { kind: 'refused', problems } as const
  }
  const scenario = positionals[0] ?? defaultScenario
  return { kind: 'ok', scenario, target, settings: reading.settings } as const
}

function usage(): string {
  const lines = Object.entries(runSettings).map(([name, declaration]) => {
    const standard = 'default' in declaration ? `; default ${declaration.default}` : ''
    const accepted = `${expectation(declaration)}${standard}`
    return `  ${flagOf(name).padEnd(20)}${declaration.meaning} (${accepted})`
  })
  return `Usage: ecluse run [SCENARIO] --target URL [options]\n\n${lines.join('\n')}\n`
}

function complain(exitCode: number, problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`ecluse run: ${problem}\n`)
  return exitCode
}
