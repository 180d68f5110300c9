import { parseArgs } from 'node:util'
import { expectation, flagOf, readSettings } from '../../core/settings.ts'
import { type StandIn, startStandIn } from './portal-process.ts'
import { type StandInSettings, standInSettings } from './settings.ts'

/** `ecluse stand-in`: runs the model portal until it is told to stop. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    console.log(usage())
    return 0
  }
  const given = flagsOf(argv)
  const reading = readSettings(standInSettings, given.flags)
  const problems = reading.kind === 'refused' ? reading.problems.map(asFlag) : []
  if (given.stray !== undefined) problems.push(`${given.stray}: expected only --flags.`)
  if (reading.kind === 'refused' || problems.length > 0) return wrongUse(problems)
  const { ledger } = reading.settings
  if (ledger === undefined) return wrongUse(['--ledger: expected the name of a file, found none.'])
  return run({ ...reading.settings, ledger })
}

async function run(settings: StandInSettings & { readonly ledger: string }): Promise<number> {
  const { promise: stopAsked, resolve: askToStop } = Promise.withResolvers<void>()
  let standIn: StandIn
  try {
    standIn = await startStandIn(settings, {
      onCrash: () => process.exit(9),
      onQuit: askToStop,
      onTrouble: (error) => console.error(`stand-in: ${messageOf(error)}`),
    })
  } catch (error) {
    return wrongUse([messageOf(error)])
  }
  process.once('SIGTERM', askToStop).once('SIGINT', askToStop)
  if (settings.stopWithParent) process.stdin.once('close', askToStop).resume()
  const { url, controlUrl } = standIn
  console.log(JSON.stringify({ event: 'ready', url, controlUrl }))
  await stopAsked
  await standIn.stop()
  process.stdin.destroy()
  return 0
}

function flagsOf(argv: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(standInSettings).map(([name, { kind }]) => [
      flagOf(name).slice(2),
      { type: kind === 'flag' ? 'boolean' : 'string' } as const,
    ]),
  )
  // Not strict: unknown flags are refused with a hint by `readSettings`.
  const { values, positionals } = parseArgs({ args: [...argv], options, strict: false })
  const flags = Object.entries(values).map(([flag, value]) => [camelCase(flag), value])
  return { flags: Object.fromEntries(flags), stray: positionals[0] }
}

function usage(): string {
  const lines = Object.entries(standInSettings).map(([name, declaration]) => {
    const initial = 'default' in declaration ? `; ${declaration.default} when absent` : ''
    return `  ${flagOf(name).padEnd(24)}${declaration.meaning} (${expectation(declaration)}${initial})`
  })
  return `Usage: ecluse stand-in --ledger FILE [options]\n\n${lines.join('\n')}`
}

function wrongUse(problems: readonly string[]): number {
  for (const problem of problems) console.error(`ecluse stand-in: ${problem}`)
  return 2
}

function asFlag(problem: string): string {
  const end = problem.indexOf(':')
  return flagOf(problem.slice(0, end)) + problem.slice(end)
}

function camelCase(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
