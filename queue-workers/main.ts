import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { failureCode } from '../core/failure.ts'
import { expectation, flattenSettings, readSettings } from '../core/settings.ts'
import { requiredSettings, type WorkerSettings, workerSettings } from './settings.ts'
import { startWorkers, type Workers } from './worker-process.ts'

/** `ecluse workers`: applies absorbed writes until it is told to stop. */
export async function main(argv: readonly string[]): Promise<number> {
  let flags: { config?: string; 'stop-with-parent'?: boolean; help?: boolean }
  try {
    flags = parseArgs({ args: [...argv], options }).values
  } catch (error) {
    return refuse([(error as Error).message])
  }
  if (flags.help === true) return help()
  if (flags.config === undefined) return refuse(['--config: expected a YAML file, found nothing.'])
  const settings = readFile(flags.config)
  if (Array.isArray(settings)) return refuse(settings)
  let workers: Workers
  try {
    workers = await startWorkers(settings, errorLog())
  } catch (error) {
    process.stderr.write(`workers: ${(error as Error).message}\n`)
    return exitCodes[failureCode(error) ?? (error as { code?: string }).code ?? ''] ?? 1
  }
  process.stdout.write(`${JSON.stringify({ event: 'ready', url: workers.url })}\n`)
  await stopAsked(flags['stop-with-parent'] === true ? 'with-parent' : 'by-signal')
  await workers.drain()
  return 0
}

const options = {
  config: { type: 'string' },
  'stop-with-parent': { type: 'boolean' },
  help: { type: 'boolean' },
} as const

const exitCodes: Record<string, number> = {
  'keys-unreadable': 2,
  EADDRINUSE: 2,
  'redis-unreachable': 6,
}

function help(): number {
  const lines = Object.entries(workerSettings).map(([name, declaration]) => {
    const usual = 'default' in declaration ? `; default ${declaration.default}` : ''
    return `  ${name}\n      ${declaration.meaning}: ${expectation(declaration)}${usual}`
  })
  process.stdout.write(
    `Usage: ecluse workers --config FILE [--stop-with-parent]\n\nSettings:\n${lines.join('\n')}\n`,
  )
  return 0
}

function readFile(file: string): WorkerSettings | string[] {
  let given: Record<string, unknown>
  try {
    given = flattenSettings(parse(readFileSync(file, 'utf8')))
  } catch (error) {
    return [`--config: expected a readable YAML file; ${(error as Error).message}.`]
  }
  const reading = readSettings(workerSettings, given)
  if (reading.kind === 'refused') return [...reading.problems]
  const missing = requiredSettings.filter((name) => reading.settings[name] === undefined)
  if (missing.length === 0) return reading.settings as WorkerSettings
  return missing.map((name) => `${name}: expected a text, found nothing in ${file}.`)
}

function refuse(problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`workers: ${problem}\n`)
  return 2
}

/** One line a second at most: a Redis that is ill makes hundreds of errors a second. */
function errorLog(): (error: Error) => void {
  let quietUntilMs = 0
  let held = 0
  return (error) => {
    const nowMs = performance.now()
    if (nowMs < quietUntilMs) {
      held += 1
      return
    }
    const more = held > 0 ? ` (and ${held} more since the last line)` : ''
    process.stderr.write(`workers: ${error.message}${more}\n`)
    quietUntilMs = nowMs + 1_000
    held = 0
  }
}

async function stopAsked(how: 'with-parent' | 'by-signal'): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
    if (how === 'by-signal') return
    // A parent that is killed closes the pipe; nothing else would tell us.
    process.stdin.once('close', () => resolve())
    process.stdin.resume()
  })
  // An open pipe would keep the process.
  if (how === 'with-parent') process.stdin.destroy()
}
