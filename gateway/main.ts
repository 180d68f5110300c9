import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { failureCode } from '../core/failure.ts'
import { expectation, flattenSettings } from '../core/settings.ts'
import { openEdge } from './edge-process.ts'
import { startingPolicy } from './policy/policy-reader-store.ts'
import { type GatewaySettings, gatewaySettings, readGatewaySettings } from './settings.ts'

/** Command `gateway`: runs one edge process until it is told to stop. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = Object.fromEntries(
    Object.keys(gatewaySettings).map((name) => [name, { type: 'string' as const }]),
  )
  let flags: Record<string, string | boolean | undefined>
  try {
    const own = { config: { type: 'string' }, help: { type: 'boolean' } } as const
    const stop = { 'stop-with-parent': { type: 'boolean' } } as const
    flags = parseArgs({ args: [...argv], options: { ...options, ...own, ...stop } }).values
  } catch (error) {
    return refuse([(error as Error).message])
  }
  const { config, help, 'stop-with-parent': stopsWithParent, ...given } = flags
  if (help) {
    process.stdout.write(usage())
    return 0
  }
  try {
    const file =
      config === undefined ? {} : flattenSettings(parse(readFileSync(String(config), 'utf8')))
    const reading = readGatewaySettings({ ...file, ...given })
    if (reading.kind === 'refused') return refuse(reading.problems)
    return await run(reading.settings as GatewaySettings, stopsWithParent === true)
  } catch (error) {
    const sentence = configurationProblem(error, String(config))
    if (sentence !== undefined) return refuse([sentence])
    return refuse([error instanceof Error ? (error.stack ?? error.message) : String(error)], 1)
  }
}

async function run(settings: GatewaySettings, stopsWithParent: boolean): Promise<number> {
  const edge = await openEdge({
    settings,
    policy: startingPolicy(settings['policy.file'], settings['policy.lastGoodFile']),
    log: (line) => process.stderr.write(`${line}\n`),
  })
  const { url, operationsUrl, internalUrl } = edge
  console.log(JSON.stringify({ event: 'ready', url, operationsUrl, internalUrl }))
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
    if (stopsWithParent) process.stdin.once('close', () => resolve()).resume()
  })
  process.stdin.pause()
  await edge.close()
  return 0
}

function usage(): string {
  const rows = Object.entries(gatewaySettings).map(([name, declaration]) => {
    const byDefault = 'default' in declaration ? ` Default ${declaration.default}.` : ''
    return `  --${name}\n      ${declaration.meaning} ${expectation(declaration)}.${byDefault}`
  })
  return `Usage: ecluse gateway [--config FILE] [--setting VALUE ...]\n\n${rows.join('\n')}\n`
}

/** What the operator can put right, in one sentence; undefined when the fault is ours. */
function configurationProblem(error: unknown, config: string): string | undefined {
  const { code, message, name, syscall, port } = error as NodeJS.ErrnoException & { port?: number }
  if (failureCode(error) !== undefined) return message
  if (code === 'EADDRINUSE' || code === 'EACCES') {
    return `port ${port} cannot be had (${code}); choose another with listen.port, operations.port or internal.port.`
  }
  if (syscall === 'open' || syscall === 'read') return `--config: cannot read ${config}.`
  if (name === 'YAMLParseError')
    return `--config: ${config} is not YAML: ${message.split('\n', 1)[0]}`
  return undefined
}

function refuse(problems: readonly string[], exitCode = 2): number {
  for (const problem of problems) process.stderr.write(`ecluse gateway: ${problem}\n`)
  return exitCode
}
