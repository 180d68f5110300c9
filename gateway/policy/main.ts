import { readFileSync } from 'node:fs'
import { readPolicy } from './policy-reader-store.ts'

const usage = `Usage: ecluse policy check FILE   say whether a policy document would be taken
`

/** Command `policy check FILE`: says whether a policy document would be taken. */
export async function main(argv: readonly string[]): Promise<number> {
  const [action, file, ...rest] = argv
  if (action === '--help') {
    process.stdout.write(usage)
    return 0
  }
  if (action !== 'check' || !file || rest.length > 0) {
    process.stderr.write(usage)
    return 2
  }
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    process.stderr.write(`ecluse policy: cannot read ${file}.\n`)
    return 2
  }
  const reading = readPolicy(text)
  if (reading.kind === 'refused') {
    for (const problem of reading.problems) process.stderr.write(`${file}:${problem}\n`)
    return 2
  }
  const { version, classes } = reading.policy
  console.log(`${file} is a valid policy: version ${version}, ${classes.length} classes.`)
  return 0
}
