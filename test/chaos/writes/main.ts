import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { commit, machine } from '../../../bench/machine-probe.ts'
import { byPoint, type ChaosFacts, type ChaosResult, runChaos } from './chaos-process.ts'
import { type MutantName, mutants } from './mutants.ts'

const options = {
  short: { type: 'boolean', default: false },
  json: { type: 'string' },
  mutant: { type: 'string' },
  writes: { type: 'string' },
  faults: { type: 'string' },
  seed: { type: 'string', default: '1' },
  help: { type: 'boolean', default: false },
} as const

const usage = `Usage: npm run chaos -- writes [--short] [--writes N] [--faults N] [--seed N]
         [--mutant ${Object.keys(mutants).join('|')}] [--json FILE]

Without --mutant: both arms, then each mutant in a small run of its own. --short is what CI runs.
Exit code 0: nothing lost, nothing doubled, every mutant caught; 5: lost or doubled; 3: a mutant
was not caught; 4: it did not drain; 2: wrong use.
`

/** What one run is judged by. */
interface Arm extends Omit<ChaosFacts, 'say'> {
  readonly id: string
}

interface Figure {
  readonly id: string
  readonly value: number
  readonly unit: string
  readonly mark: string
  readonly holds: boolean
}

/** `npm run chaos -- writes`. */
export async function chaos(argv: string[]): Promise<number> {
  let flags: ReturnType<typeof read>
  try {
    flags = read(argv)
  } catch (error) {
    process.stderr.write(`chaos: ${(error as Error).message}\n\n${usage}`)
    return 2
  }
  if (flags.help) {
    process.stdout.write(usage)
    return 0
  }
  const figures: Figure[] = []
  for (const arm of armsOf(flags)) {
    const result = await runChaos({ ...arm, say: (line) => process.stderr.write(`  ${line}\n`) })
    report(arm, result)
    figures.push(...(arm.mutant === null ? armFigures(arm, result) : [caught(arm, result)]))
  }
  for (const { id, value, unit, mark, holds } of figures) {
    console.log(
      `${id.padEnd(44)}${String(value).padStart(9)} ${unit}  ${mark}  ${holds ? 'holds' : 'MISSED'}`,
    )
  }
  if (flags.json !== undefined) {
    const result = { name: 'writes', machine: machine(), commit: commit(), figures }
    writeFileSync(flags.json, `${JSON.stringify(result, null, 2)}\n`)
  }
  return exitCode(figures)
}

function read(argv: string[]) {
  const { values } = parseArgs({ args: argv, options })
  const { mutant } = values
  if (mutant !== undefined && !Object.hasOwn(mutants, mutant)) {
    throw new Error(
      `--mutant: expected one of ${Object.keys(mutants).join(', ')}, found ${mutant}.`,
    )
  }
  const number = (name: 'writes' | 'faults' | 'seed', usual: number): number => {
    const value = Number(values[name] ?? usual)
    if (!Number.isInteger(value) || value < 0) {
      throw new Error(`--${name}: expected a whole number, found ${values[name]}.`)
    }
    return value
  }
  const writes = number('writes', values.short ? 100_000 : 1_000_000)
  const faults = number('faults', values.short ? 50 : 200)
  return {
    ...values,
    mutant: mutant as MutantName | undefined,
    writes,
    faults,
    seed: number('seed', 1),
  }
}

/** Where the portal deduplicates most is asked for; without it, less: doubts end in dead letters. */
function armsOf({ mutant, writes, faults, seed }: ReturnType<typeof read>): Arm[] {
  const shared = { appendfsync: 'always', mutant: null, only: null, people: 400, seed } as const
  const share = { writes: Math.ceil(writes * 0.8), faults: Math.ceil(faults * 0.7) }
  const rest = { writes: writes - share.writes, faults: faults - share.faults }
  const whole: Arm[] = [
    { ...shared, ...share, id: 'dedupes', outcome: 'dedupes' },
    { ...shared, ...rest, id: 'neither', outcome: 'neither' },
  ]
  const names = mutant === undefined ? (Object.keys(mutants) as MutantName[]) : [mutant]
  const small = { people: 100, writes: 2_000, faults: 8, seed }
  const changed = names.map((name): Arm => {
    const { outcome, appendfsync, faults: only } = mutants[name]
    return { ...small, only, id: `mutant.${name}`, mutant: name, outcome, appendfsync }
  })
  return mutant === undefined ? [...whole, ...changed] : changed
}

function report(arm: Arm, result: ChaosResult): void {
  const { audit, faults, levels, others, deadLetterReasons, seconds } = result
  const list = (counts: ReadonlyMap<string | number, number>): string =>
    [...counts].map(([name, count]) => `${name} ${count}`).join(', ') || 'none'
  const struck = [...faults.values()].reduce((sum, count) => sum + count, 0)
  const lines = [
    `${arm.id}: ${audit.acknowledged} acknowledged in ${Math.round(seconds)} s (${list(levels)})`,
    `  ${struck} faults: ${byPoint(faults)}`,
    `  applied ${audit.applied}, dead letters ${audit.deadLetters} (${list(deadLetterReasons)})`,
    `  lost ${audit.lost.length}, duplicated ${audit.duplicated.length}, out of order ${audit.disordered.length} (and in doubt ${audit.disorderedInDoubt}), applied without a receipt ${audit.unacknowledgedApplied}`,
    `  other answers: ${list(others)} (0 is a broken connection)`,
    ...[...audit.lost, ...audit.duplicated, ...audit.disordered]
      .slice(0, 5)
      .map((key) => `  ${key}`),
  ]
  for (const line of lines) console.log(line)
}

function armFigures({ id }: Arm, { audit, faults, isDrained }: ChaosResult): Figure[] {
  const zero = (name: string, value: number): Figure => ({
    id: `chaos.${id}.${name}`,
    value,
    unit: 'writes',
    mark: '= 0',
    holds: value === 0 && isDrained,
  })
  const struck = [...faults.values()].reduce((sum, count) => sum + count, 0)
  return [
    {
      id: `chaos.${id}.acknowledged`,
      value: audit.acknowledged,
      unit: 'writes',
      mark: '',
      holds: true,
    },
    { id: `chaos.${id}.faults`, value: struck, unit: 'faults', mark: '', holds: true },
    {
      id: `chaos.${id}.drained`,
      value: Number(isDrained),
      unit: 'truth',
      mark: '= 1',
      holds: isDrained,
    },
    zero('lost', audit.lost.length),
    zero('duplicated', audit.duplicated.length),
    zero('disordered', audit.disordered.length),
  ]
}

function caught({ id, mutant }: Arm, { audit }: ChaosResult): Figure {
  const { shows } = mutants[mutant as MutantName]
  const value = audit[shows].length
  return { id: `chaos.${id}.${shows}`, value, unit: 'writes', mark: '> 0', holds: value > 0 }
}

function exitCode(figures: readonly Figure[]): number {
  const missed = figures.filter(({ holds }) => !holds).map(({ id }) => id)
  if (missed.some((id) => id.endsWith('.drained'))) return 4
  if (missed.some((id) => !id.startsWith('chaos.mutant.'))) return 5
  return missed.length > 0 ? 3 : 0
}
