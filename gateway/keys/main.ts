import { failureCode } from '../../core/failure.ts'
import { initKeys, rotateKeys } from './key-store.ts'

const usage = `Usage: ecluse keys init FOLDER     make a first set of keys, readable by you alone
       ecluse keys rotate FOLDER   add newer signing and sealing keys; the ones before stay valid
`

/** Command \`keys\`: makes and rotates the edge's keys. Never prints one. */
export async function main(argv: readonly string[]): Promise<number> {
  const [action, folder, ...rest] = argv
  if (action === '--help') {
    process.stdout.write(usage)
    return 0
  }
  if ((action !== 'init' && action !== 'rotate') || !folder || rest.length > 0) {
    process.stderr.write(usage)
    return 2
  }
  try {
    if (action === 'init') {
      initKeys(folder)
      console.log(`Keys written to ${folder}.`)
      return 0
    }
    const { added, retired } = rotateKeys(folder)
    console.log(
      `Added ${added.join(' and ')}; restart the workers first, then the edges one by one.`,
    )
    if (retired.length > 0) {
      const until = 'once no queued write or dead letter is older than them'
      console.log(`Signs and verifies nothing any more, may go ${until}: ${retired.join(', ')}.`)
    }
    return 0
  } catch (error) {
    process.stderr.write(`ecluse keys: ${(error as Error).message}\n`)
    return failureCode(error) === undefined ? 1 : 2
  }
}
