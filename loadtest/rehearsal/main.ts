import { parseArgs } from 'node:util'
import { failureCode } from '../../core/failure.ts'
import { expectation, flagOf, readSettings } from '../../core/settings.ts'
import { liveLine, liveScreen } from '../report/live-screen.ts'
import type { Result } from '../report/result.ts'
import { writeResults } from '../report/results-store.ts'
import { verdictLines } from '../report/terminal.ts'
import { defaultScenario, readScenario } from '../schedule/scenario-store.ts'
import { restateSurge } from '../schedule/surge-flags.ts'
import { LiveStates } from './live-states.ts'
import { openLivePage } from './live-page-route.ts'
import { obstacle } from './obstacle-probe.ts'
import { startRehearsal } from './rehearsal-process.ts'
import { protections, readNames, rehearsalSettings, type RehearsalSettings } from './settings.ts'
import { troubles } from './troubles.ts'

/** Command `rehearse [SCENARIO]`: the surge against the portal alone and behind the edge. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(usage())
    return 0
  }
  const asked = readArguments(argv)
  if (asked.kind === 'refused') return refuse(asked.problems)
  const { settings, scenarioName, off, troubles: asksFor } = asked
  const reading = await readScenario(scenarioName)
  if (reading.kind === 'refused') return refuse(reading.problems)
  const restated = restateSurge(settings, reading)
  if (restated.kind === 'refused') return refuse(restated.problems)
  const { scenario } = restated
  if (scenario.disturbances.length > 0 && settings.target !== undefined) {
    return refuse([`--target: only the stand-in can be disturbed, and ${scenario.name} does so.`])
  }
  const startedAt = new Date().toISOString()
  const stamp = startedAt.replaceAll(/[-:]|\.\d+Z/g, '')
  const folder = settings.out ?? `results/${stamp}-${reading.scenario.name}`
  const problem = await obstacle(settings, folder)
  if (problem !== undefined) return fail(problem)
  const screen = buildScreen(settings.json)
  const page = await openLivePage()
  for (const line of restated.surge?.derived ?? []) screen.say(line)
  screen.say(`Live, both arms side by side: ${page.url}`)
  const rehearsal = startRehearsal({
    scenario,
    writtenScenario: reading.scenario,
    profile: reading.profile,
    scenarioName,
    settings,
    off,
    troubles: asksFor,
    runId: `r${stamp}`,
    startedAt,
    reproduce: ['npm run rehearse --', ...argv].join(' ').trim(),
    onProgress: (progress) => {
      screen.show(progress)
      page.show(progress)
    },
    onEdge: page.edgeIsAt,
    say: screen.say,
  })
  const interruption = obeyInterrupts(rehearsal, screen.say)
  try {
    const result = await rehearsal.result
    await writeResults(folder, result)
    page.finish({ verdict: result.verdict.toUpperCase(), folder })
    screen.finish(result, folder)
    return interruption.count > 0 ? 130 : result.exitCode
  } catch (error) {
    screen.clear()
    return fail(error as Error)
  } finally {
    interruption.forget()
    await page.close()
  }
}

function readArguments(argv: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(rehearsalSettings).map(([name, { kind }]) => [
      flagOf(name).slice(2),
      { type: kind === 'flag' ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  // Not strict: unknown flags are refused, with a hint, by `readSettings`.
  const { values, positionals } = parseArgs({
    args: [...argv],
    options,
    allowPositionals: true,
    strict: false,
  })
  const given = Object.fromEntries(
    Object.entries(values).map(([flag, value]) => [
      flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  )
  const reading = readSettings(rehearsalSettings, given)
  if (reading.kind === 'refused') {
    const problems = reading.problems.map((problem) => problem.replace(/^\w+/, flagOf))
    return { kind: 'refused', problems } as const
  }
  return checked(reading.settings, positionals)
}

function checked(settings: RehearsalSettings, positionals: readonly string[]) {
  const problems: string[] = []
  if (positionals.length > 1) {
    problems.push(`SCENARIO: expected one, found "${positionals.join(' ')}".`)
  }
  const without = readNames(settings.without, protections)
  const trouble = readNames(settings.trouble, troubles)
  if (without.kind === 'unknown') {
    const { meaning } = rehearsalSettings.without
    problems.push(`--without: there is no protection "${without.name}". ${meaning}`)
  }
  if (trouble.kind === 'unknown') {
    const { meaning } = rehearsalSettings.trouble
    problems.push(`--trouble: there is no trouble "${trouble.name}". ${meaning}`)
  } else if (trouble.names.length > 0 && settings.target !== undefined) {
    problems.push('--trouble: only the stand-in can be troubled; leave --target or --trouble out.')
  }
  if (problems.length > 0 || without.kind === 'unknown' || trouble.kind === 'unknown') {
    return { kind: 'refused', problems } as const
  }
  const scenarioName = positionals[0] ?? defaultScenario
  const { names: off } = without
  return { kind: 'ok', settings, scenarioName, off, troubles: trouble.names } as const
}

/** The first Ctrl-C ends early with a report of what was played; everything else ends now. */
function obeyInterrupts(
  rehearsal: ReturnType<typeof startRehearsal>,
  say: (line: string) => void,
): { count: number; forget(): void } {
  const interruption = {
    count: 0,
    forget: () => void process.off('SIGINT', obey).off('SIGTERM', obey).off('SIGHUP', obey),
  }
  function obey(signal: NodeJS.Signals): void {
    interruption.count += 1
    if (signal !== 'SIGINT' || interruption.count > 1) return rehearsal.abort()
    say('Ending early; what was played is reported. Ctrl-C again ends now.')
    rehearsal.stopEarly()
  }
  process.on('SIGINT', obey).on('SIGTERM', obey).on('SIGHUP', obey)
  return interruption
}

type Progress = Parameters<Parameters<typeof startRehearsal>[0]['onProgress']>[0]

/** One live screen on a terminal, a line every ten seconds elsewhere, nothing with `--json`. */
function buildScreen(isQuiet: boolean) {
  const isTerminal = process.stderr.isTTY === true && !isQuiet
  const noColour = process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== ''
  const palette = isTerminal && !noColour ? ('colour' as const) : ('plain' as const)
  const columns = Math.max(40, process.stderr.columns ?? 100)
  const states = new LiveStates()
  let drawn = 0
  const clear = (): void => {
    if (drawn > 0) process.stderr.write(`\u001b[${drawn}A\u001b[0J`)
    drawn = 0
  }
  return {
    clear,
    say(line: string): void {
      if (isQuiet) return
      clear()
      process.stderr.write(`${line}\n`)
    },
    show(progress: Progress): void {
      const state = states.after(progress)
      if (isTerminal) {
        clear()
        const lines = liveScreen(state, { columns, palette })
        process.stderr.write(`${lines.join('\n')}\n`)
        drawn = lines.length
      } else if (!isQuiet && states.isTenth(progress)) process.stderr.write(`${liveLine(state)}\n`)
    },
    finish(result: Result, folder: string): void {
      clear()
      if (isQuiet) process.stdout.write(`${JSON.stringify(result)}\n`)
      else {
        const width = Math.min(100, Math.max(80, columns))
        const lines = verdictLines(result, { folder, columns: width, palette })
        process.stdout.write(`${lines.join('\n')}\n`)
      }
    },
  }
}

function usage(): string {
  const rows = Object.entries(rehearsalSettings).map(([name, declaration]) => {
    const byDefault = 'default' in declaration ? `; default ${declaration.default}` : ''
    const accepts = declaration.kind === 'flag' ? '' : ` (${expectation(declaration)}${byDefault})`
    return `  ${flagOf(name).padEnd(18)}${declaration.meaning}${accepts}`
  })
  return `Usage: ecluse rehearse [SCENARIO] [options]\n\n${rows.join('\n')}\n`
}

function fail(error: Error): number {
  process.stderr.write(`ecluse rehearse: ${error.message}\n`)
  return exitCodes[failureCode(error) ?? ''] ?? 1
}

const exitCodes: Readonly<Record<string, number>> = {
  'schedule-impossible': 2,
  'redis-missing': 2,
  'folder-unusable': 2,
  'results-not-written': 2,
  'target-refused': 6,
  'target-unreachable': 6,
  interrupted: 130,
}

function refuse(problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`ecluse rehearse: ${problem}\n`)
  return 2
}
