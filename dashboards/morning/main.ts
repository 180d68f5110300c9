import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { failureCode } from '../../core/failure.ts'
import { type Decision, morningPage } from './morning-page.ts'
import { askMorning } from './prometheus-client.ts'

const usage = `Usage: ecluse morning --from TIME --to TIME [options]
  One page in French about a real morning, for the authority that answers for the portal.

  --from, --to TIME     such as 2026-03-16T07:00; local time unless it says otherwise
  --prometheus URL      where the figures are; default http://127.0.0.1:9090
  --audit FILE          the edge's operations.auditFile; without it no decision is listed
  --out FILE            default morning.html
`

/** Command `morning`: the page of the day after. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(usage)
    return 0
  }
  const asked = readArguments(argv)
  if (typeof asked === 'string') return refuse(asked)
  try {
    const figures = await askMorning({ ...asked, url: asked.prometheus })
    const decisions = asked.audit === undefined ? [] : await decisionsOf(asked.audit, asked)
    const page = morningPage({
      figures,
      decisions,
      hasTrail: asked.audit !== undefined,
      fromText: timeText(asked.fromMs),
      toText: timeText(asked.toMs),
    })
    await writeFile(asked.out, page)
    console.log(`Wrote ${asked.out}.`)
    return 0
  } catch (error) {
    process.stderr.write(`ecluse morning: ${(error as Error).message}\n`)
    if (failureCode(error) === 'prometheus-unreachable') return 6
    return (error as NodeJS.ErrnoException).syscall === undefined ? 1 : 2
  }
}

function readArguments(argv: readonly string[]) {
  const text = { type: 'string' } as const
  let values: { [name: string]: string | undefined }
  try {
    const options = { from: text, to: text, prometheus: text, audit: text, out: text }
    values = parseArgs({ args: [...argv], options }).values
  } catch (error) {
    return (error as Error).message
  }
  const [fromMs, toMs] = [Date.parse(values['from'] ?? ''), Date.parse(values['to'] ?? '')]
  if (Number.isNaN(fromMs))
    return `--from: expected a time such as 2026-03-16T07:00, found "${values['from'] ?? ''}".`
  if (Number.isNaN(toMs))
    return `--to: expected a time such as 2026-03-16T12:00, found "${values['to'] ?? ''}".`
  if (toMs <= fromMs) return '--to: expected a time after --from, found an earlier one.'
  const { prometheus = 'http://127.0.0.1:9090', audit, out = 'morning.html' } = values
  if (!URL.canParse(prometheus)) return `--prometheus: expected an address, found "${prometheus}".`
  return { fromMs, toMs, prometheus, audit, out }
}

async function decisionsOf(
  file: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<readonly Decision[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
  return lines
    .map((line) => JSON.parse(line) as Decision)
    .filter(({ at }) => Date.parse(at) >= fromMs && Date.parse(at) <= toMs)
    .map(({ at, who, did }) => ({ at: timeText(Date.parse(at)), who, did }))
}

function timeText(atMs: number): string {
  return new Date(atMs).toLocaleString('fr', { dateStyle: 'long', timeStyle: 'short' })
}

function refuse(problem: string): number {
  process.stderr.write(`ecluse morning: ${problem}\n`)
  return 2
}
