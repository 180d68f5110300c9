import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { failureCode } from '../../core/failure.ts'
import type { Policy } from './policy.ts'
import { differenceLine, policyDifferences } from './policy-difference.ts'
import { policySchema, readPolicy } from './policy-reader-store.ts'
import { openEdges, readEdgesArguments } from './edges-client.ts'
import { type EdgesReach, edgesUsage, exitCodeOf, reachText } from './reach-text.ts'

const usage = `Usage: ecluse policy check FILE    say whether a policy document would be taken
       ecluse policy schema        print its JSON Schema, for editors
       ecluse policy show          print the policy in force
       ecluse policy diff FILE     say what FILE would change
       ecluse policy apply FILE    put FILE in force in every process
       ecluse policy revert        put the one before back, as a version of its own

The last four speak to running edges.
${edgesUsage()}`

const takesFile = new Set(['check', 'diff', 'apply'])
const actions = new Set([...takesFile, 'schema', 'show', 'revert'])

/** Command `policy`: checks documents, and puts them in force in running edges. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(usage)
    return 0
  }
  const asked = readEdgesArguments(argv)
  if (asked.kind === 'refused') return refuse(asked.problems)
  const [action = '', file, ...rest] = asked.positionals
  const isPaired = takesFile.has(action) === (file !== undefined)
  if (!actions.has(action) || !isPaired || rest.length > 0) {
    process.stderr.write(usage)
    return 2
  }
  try {
    return await run({ action, file, edges: () => openEdges(asked.settings) })
  } catch (error) {
    const code = failureCode(error)
    if (code === undefined) throw error
    return refuse([(error as Error).message], exitCodeOf(code))
  }
}

async function run(ask: {
  readonly action: string
  readonly file: string | undefined
  edges(): ReturnType<typeof openEdges>
}): Promise<number> {
  const { action, file, edges } = ask
  if (action === 'schema') {
    console.log(JSON.stringify(z.toJSONSchema(policySchema, { io: 'input' }), null, 2))
    return 0
  }
  if (action === 'show') {
    console.log(JSON.stringify((await edges().read()).policy, null, 2))
    return 0
  }
  if (action === 'revert') return say(await edges().revert())
  const reading = readDocument(file ?? '')
  if (reading.kind === 'refused') {
    for (const problem of reading.problems) process.stderr.write(`${problem}\n`)
    return 2
  }
  switch (action) {
    case 'diff':
      return showDifferences((await edges().read()).policy, reading.policy)
    case 'apply':
      return say(await edges().put(reading.policy))
    default: {
      const { version, classes } = reading.policy
      console.log(`${file} is a valid policy: version ${version}, ${classes.length} classes.`)
      return 0
    }
  }
}

function readDocument(file: string) {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    // Gone, a folder, or not ours to read: the sentence says which file.
    return { kind: 'refused', problems: [`ecluse policy: cannot read ${file}.`] } as const
  }
  const reading = readPolicy(text)
  if (reading.kind === 'ok') return reading
  return { kind: 'refused', problems: reading.problems.map((one) => `${file}:${one}`) } as const
}

function showDifferences(inForce: Policy, next: Policy): number {
  const lines = policyDifferences(inForce, next).map(differenceLine)
  console.log(lines.length === 0 ? 'Nothing would change.' : lines.join('\n'))
  return 0
}

function say(reach: EdgesReach): number {
  const { text, isEverywhere } = reachText(`policy ${reach.version} is in force`, reach)
  console.log(text)
  return isEverywhere ? 0 : 6
}

function refuse(problems: readonly string[], exitCode = 2): number {
  for (const problem of problems) process.stderr.write(`ecluse policy: ${problem}\n`)
  return exitCode
}
