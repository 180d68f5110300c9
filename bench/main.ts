import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Bench, type BenchOptions, judgeFigures, type Judgement } from './bench.ts'
import { commit, machine } from './machine-probe.ts'
import { figureText, textTable } from './text-table.ts'

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  cache: async () => (await import('./cache/cache-process.ts')).cacheBench,
  writes: async () => (await import('./writes/writes-process.ts')).writesBench,
  load: async () => (await import('./load/load-process.ts')).loadBench,
  overload: async () => (await import('./overload/overload-bench.ts')).overloadBench,
}

const usage = `Usage: npm run bench -- NAME [--short] [--only ROW,ROW] [--json FILE]

NAME is one of ${Object.keys(benches).join(', ')}. docs/benchmarks.md says what each measures.
Exit code 0: every mark holds; 3: one is missed; 4: no measurement; 2: wrong use.
`

async function main(argv: string[]): Promise<number> {
  const reading = readArguments(argv)
  if (typeof reading === 'string') {
    process.stderr.write(reading)
    return 2
  }
  const { name, json, options } = reading
  const bench = await (benches[name] as () => Promise<Bench>)()
  const unknown = options.only.filter((row) => !bench.rows.includes(row))
  if (unknown.length > 0) {
    process.stderr.write(
      `--only: expected some of ${bench.rows.join(', ')}, found ${unknown.join(', ')}.\n`,
    )
    return 2
  }
  const { lines, figures } = await bench.run(options)
  const judgement = judgeFigures(bench.marks, figures)
  for (const line of [...lines, '', ...marksTable(judgement)]) console.log(line)
  if (json !== undefined) {
    const result = { name, machine: machine(), commit: commit(), figures: judgement.figures }
    writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`)
  }
  const isWhole = options.only.length > 0 || judgement.missing.length === 0
  if (!isWhole) console.log(`not measured: ${judgement.missing.join(', ')}`)
  if (!isWhole || judgement.figures.some(({ value }) => value === null)) return 4
  return judgement.figures.some(({ holds }) => holds === false) ? 3 : 0
}

interface Reading {
  readonly name: string
  readonly json: string | undefined
  readonly options: BenchOptions
}

function readArguments(args: string[]): Reading | string {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        short: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        json: { type: 'string' },
      },
    })
    const [name, ...more] = positionals
    if (name === undefined || !Object.hasOwn(benches, name) || more.length > 0) return usage
    const only = values.only.split(',').filter((row) => row !== '')
    const say = (line: string): void => void process.stderr.write(`${line}\n`)
    return { name, json: values.json, options: { isShort: values.short, only, say } }
  } catch (error) {
    return `${(error as Error).message}\n\n${usage}`
  }
}

function marksTable({ figures }: Judgement): string[] {
  const rows = figures.map(({ id, value, unit, mark, holds }) => [
    id,
    unit,
    figureText(value),
    mark ?? '',
    holds === null ? '' : holds ? 'holds' : 'MISSED',
  ])
  return textTable([['figure', 'unit', 'value', 'mark', ''], ...rows])
}

process.exitCode = await main(process.argv.slice(2))
