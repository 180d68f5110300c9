import { failureCode } from '../../../core/failure.ts'
import { withBypass } from '../../policy/bypass.ts'
import { openEdges, readEdgesArguments } from '../../policy/edges-client.ts'
import { edgesUsage, exitCodeOf, reachText } from '../../policy/reach-text.ts'

const usage = `Usage: ecluse bypass on|off [--class NAME]...

Passes every request on as it came, or those of some classes: no protection, no closed class, no
deadline. What was promised is still applied, and receipts stay within reach. In force in every
process within a second; with every process named no Redis is needed.

  --class      Route class of the policy; may be repeated. Absent: the whole edge.
${edgesUsage()}`

/** Command `bypass`: takes the edge, or some of its classes, out of the way and back. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(usage)
    return 0
  }
  const asked = readEdgesArguments(argv, ['class'])
  if (asked.kind === 'refused') return refuse(asked.problems)
  const [state, ...rest] = asked.positionals
  if ((state !== 'on' && state !== 'off') || rest.length > 0) {
    process.stderr.write(usage)
    return 2
  }
  const names = (asked.values['class'] ?? []) as readonly string[]
  try {
    const edges = openEdges(asked.settings)
    const { policy } = await edges.read()
    const decision = withBypass(policy, state, names)
    if (decision.kind === 'refused') return refuse([decision.problem])
    const reach = await edges.put(decision.policy)
    const done = `${decision.said} (policy ${reach.version})`
    const { text, isEverywhere } = reachText(done, reach)
    console.log(text)
    return isEverywhere ? 0 : 6
  } catch (error) {
    const code = failureCode(error)
    if (code === undefined) throw error
    return refuse([(error as Error).message], exitCodeOf(code))
  }
}

function refuse(problems: readonly string[], exitCode = 2): number {
  for (const problem of problems) process.stderr.write(`ecluse bypass: ${problem}\n`)
  return exitCode
}
