import { parseArgs } from 'node:util'
import { failureCode } from '../../core/failure.ts'
import { expectation, flagOf, readSettings, type SettingsOf } from '../../core/settings.ts'
import { readTarget } from '../engine/target.ts'
import { defaultScenario, readScenario } from '../schedule/scenario-store.ts'
import { capacitySettings } from './capacity-settings.ts'
import { capacityText, nextStep, type Probe } from './capacity-search.ts'
import { type ProbeRequest, tryLoad } from './probe-process.ts'
import { recoverySeconds } from './recovery.ts'

type CapacitySettings = SettingsOf<typeof capacitySettings>

/** `ecluse capacity [SCENARIO] --target URL`: how many times an ordinary day the target holds. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(usage())
    return 0
  }
  const asked = readArguments(argv)
  if (asked.kind === 'refused') return complain(2, asked.problems)
  const reading = await readScenario(asked.scenario)
  if (reading.kind === 'refused') return complain(2, reading.problems)
  const { settings, target } = asked
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    readTarget(target)
    const { scenario, profile } = reading
    const { scale, seed, split, duration, probeSeconds: seconds } = settings
    const { signal } = stop
    const request = { scenario, profile, target, scale, seed, seconds, split, duration, signal }
    return await search(request, settings)
  } catch (error) {
    const code = failureCode(error)
    if (code === undefined) throw error
    return complain(exitCodeOf(code), [(error as Error).message])
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

async function search(request: ProbeRequest, settings: CapacitySettings): Promise<number> {
  const probes: Probe[] = []
  const recoveries: (number | null)[] = []
  for (;;) {
    const step = nextStep(probes, settings)
    if (step.kind !== 'try') {
      const lowest = worst(recoveries)
      const verdict = `${capacityText(step)} the pages of an ordinary day`
      const how = `split ${settings.split}, durations ${settings.duration}, scale ${settings.scale}`
      const say = { verdict, how, ...step, probes, recoverySeconds: lowest }
      process.stdout.write(
        settings.json ? `${JSON.stringify(say)}\n` : `${verdict} (${how})\n${recoveryText(lowest)}`,
      )
      return step.kind === 'below' ? 3 : 0
    }
    const probe = await tryLoad(request, step.multiplier)
    probes.push({ multiplier: probe.multiplier, holds: probe.holds })
    const missed = probe.slos.filter(({ holds }) => holds === false).map(({ id }) => id)
    const ending = probe.holds ? 'holds' : `breaks (${missed.join(', ')})`
    process.stderr.write(`x${probe.multiplier.toFixed(2)} ${ending}\n`)
    if (probe.holds) continue
    // Half the last that held, or half of what broke: also lets the target settle.
    const held = Math.max(0, ...probes.filter(({ holds }) => holds).map((one) => one.multiplier))
    const gentle = await tryLoad(request, (held === 0 ? step.multiplier : held) / 2)
    recoveries.push(recoverySeconds(gentle.load.timeline))
  }
}

/** `undefined` when nothing broke, null when it did not recover once. */
function worst(recoveries: readonly (number | null)[]): number | null | undefined {
  if (recoveries.length === 0) return undefined
  return recoveries.includes(null) ? null : Math.max(...(recoveries as number[]))
}

function recoveryText(seconds: number | null | undefined): string {
  if (seconds === undefined) return ''
  return seconds === null
    ? 'does not recover by itself at half of what it holds\n'
    : `recovers within ${seconds} s at half of what it holds\n`
}

function exitCodeOf(code: string): number {
  if (code.startsWith('target-')) return 6
  if (code === 'interrupted') return 130
  return code === 'load-not-delivered' ? 4 : 2
}

function readArguments(argv: readonly string[]) {
  const options: Record<string, { type: 'string' | 'boolean' }> = {}
  for (const [name, { kind }] of Object.entries(capacitySettings)) {
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
  const reading = readSettings(capacitySettings, Object.fromEntries(given))
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
  const lines = Object.entries(capacitySettings).map(([name, declaration]) => {
    const standard = 'default' in declaration ? `; default ${declaration.default}` : ''
    const accepted = `${expectation(declaration)}${standard}`
    return `  ${flagOf(name).padEnd(18)}${declaration.meaning} (${accepted})`
  })
  return `Usage: ecluse capacity [SCENARIO] --target URL [options]\n\n${lines.join('\n')}\n`
}

function complain(exitCode: number, problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`ecluse capacity: ${problem}\n`)
  return exitCode
}
