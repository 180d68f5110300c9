import { failureCode } from '../../core/failure.ts'
import { initKeys, rotateKeys } from './key-store.ts'
import { addOperator, removeOperator } from './operator-store.ts'
import { isOperatorName } from './operators.ts'

const usage = `Usage: ecluse keys init FOLDER                      make a first set of keys, readable by you alone
       ecluse keys rotate FOLDER                    add newer signing and sealing keys; the ones before stay valid
       ecluse keys operator FOLDER NAME view|act    make somebody's token for the live page and print it once
       ecluse keys operator FOLDER NAME none        take it away
`

/** Command `keys`: makes and rotates the edge's keys. Prints none but an operator's new token. */
export async function main(argv: readonly string[]): Promise<number> {
  const [action, folder, ...rest] = argv
  if (action === '--help') {
    process.stdout.write(usage)
    return 0
  }
  const isOperator = action === 'operator' && rest.length === 2
  const isPlain = (action === 'init' || action === 'rotate') && rest.length === 0
  if (!folder || (!isPlain && !isOperator)) {
    process.stderr.write(usage)
    return 2
  }
  try {
    if (action === 'init') {
      initKeys(folder)
      console.log(`Keys written to ${folder}.`)
    } else if (action === 'rotate') rotate(folder)
    else return changeOperator(folder, rest[0] ?? '', rest[1] ?? '')
    return 0
  } catch (error) {
    process.stderr.write(`ecluse keys: ${(error as Error).message}\n`)
    return failureCode(error) === undefined ? 1 : 2
  }
}

function rotate(folder: string): void {
  const { added, retired } = rotateKeys(folder)
  console.log(`Added ${added.join(' and ')}; restart the workers first, then the edges one by one.`)
  if (retired.length > 0) {
    const until = 'once no queued write or dead letter is older than them'
    console.log(`Signs and verifies nothing any more, may go ${until}: ${retired.join(', ')}.`)
  }
}

function changeOperator(folder: string, name: string, role: string): number {
  const problem = operatorProblem(name, role)
  if (problem !== undefined) {
    process.stderr.write(`ecluse keys: ${problem}\n`)
    return 2
  }
  if (role === 'none') {
    const was = removeOperator(folder, name) ? 'has no token any more' : 'had none'
    process.stderr.write(`${name} ${was}.\n`)
  } else {
    const token = addOperator(folder, name, role === 'act' ? 'act' : 'view')
    process.stderr.write(`${name} may ${role} with this token, which is shown this once:\n`)
    console.log(token)
  }
  return 0
}

function operatorProblem(name: string, role: string): string | undefined {
  if (!isOperatorName(name)) {
    return `NAME: expected letters, digits and spaces, at most 64, found "${name}".`
  }
  if (['view', 'act', 'none'].includes(role)) return undefined
  return `expected view, act or none, found "${role}".`
}
