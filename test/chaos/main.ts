import { parseArgs } from 'node:util'

const runs: Readonly<Record<string, () => Promise<{ chaos(argv: string[]): Promise<number> }>>> = {
  spool: () => import('./spool/main.ts'),
  writes: () => import('./writes/main.ts'),
}

/** `npm run chaos -- NAME …`: breaks things on purpose and counts what was lost. */
const { positionals } = parseArgs({ strict: false, allowPositionals: true })
const [name = ''] = positionals
const run = runs[name]
if (run === undefined) {
  console.error(`chaos: expected one of ${Object.keys(runs).join(', ')}, found "${name}".`)
  process.exit(2)
}
process.exit(await (await run()).chaos(process.argv.slice(2).filter((word) => word !== name)))
